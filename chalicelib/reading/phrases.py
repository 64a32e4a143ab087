"""Listed phrases, found again however many of their marks were typed."""

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.dataclass import dataclass
from chalicelib.reading.letters import in_words, lacks_marks, marked, plain_each


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases and the kind of each."""

    kinds: Mapping[str, str]  # as listed, and without marks where only one kind has them so
    spellings: Mapping[str, Sequence[str]]  # without marks: as listed
    letters: frozenset[str]  # of those spellings, the marks for themselves

    def kind(self, text: str, bare: str) -> str | None:
        """Marks may be left out, all or some, but other marks make another word: "vàng" (gold) is not "vâng" (yes)."""
        kind = self.kinds.get(text)
        if kind or text == bare:
            return kind
        listed = self.spellings.get(bare, ())
        meant = {self.kinds.get(each) for each in listed if lacks_marks(text, each, self.letters)}
        return meant.pop() if len(meant) == 1 else None


def phrases_of(entries: Mapping[str, Iterable[str]]) -> Phrases:
    """The lists of each kind, made ready. Without marks "dung" is neither "đúng" (right) nor "dừng" (stop)."""
    pairs = [(text, kind) for kind, listed in entries.items() for text in map(in_words, listed)]
    exact = _of_one_kind(pairs)
    short = plain_each(text for text, _ in pairs)
    bare = _of_one_kind([(text, kind) for text, (_, kind) in zip(short, pairs, strict=True)])
    spellings: dict[str, list[str]] = {}
    for without, (text, _) in zip(short, pairs, strict=True):
        if text != without:
            spellings.setdefault(without, []).append(text)
    letters = frozenset(marked("".join(text for texts in spellings.values() for text in texts)))
    return Phrases(bare | exact, spellings, letters)


def _of_one_kind(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    kinds: dict[str, str] = {}
    doubtful = {text for text, kind in pairs if kinds.setdefault(text, kind) != kind}
    return {text: kind for text, kind in kinds.items() if text not in doubtful}
