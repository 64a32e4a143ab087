"""One language's words, made ready for looking replies up in.

An entry ending in a full stop ("not.", "ok.") counts only as the whole reply: "not" alone is a no, but "no not yes"
is not three answers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from chalicelib.reading.letters import UNSPACED, WORD_OR_SIGN, normal, plain
from chalicelib.script import Words

ANSWERS = ("yes", "no", "skip")
KINDS = (*ANSWERS, "stop", "start", "help", "undo", "not_me", "ring")


def phrase(entry: str) -> str:
    """An entry or a reply as its words alone: "No, thanks!" is "no thanks"."""
    return " ".join(WORD_OR_SIGN.findall(normal(entry)))


class Piece(NamedTuple):
    """A stretch of a reply and what it is: a kind of phrase, "polite", "digits", or None for anything else."""

    text: str
    kind: str | None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrase to kind. `whole` for whole replies, `inner` for phrases that also count inside one."""

    whole: Mapping[str, str]
    inner: Mapping[str, str]
    polite: frozenset[str]
    heads: Mapping[str, int]  # a phrase's first word: how many words the longest such phrase has
    letters: int  # characters in the longest inner or polite phrase, for scripts without spaces

    def kind_of(self, reply: str) -> str | None:
        """The kind of a whole reply, already a `phrase`."""
        return self.whole.get(reply) or self.whole.get(plain(reply))

    def kind_within(self, words: str) -> str | None:
        """The kind of a phrase within a reply; "polite" for decoration."""
        kind = self.inner.get(words) or ("polite" if words in self.polite else None)
        if kind or words.isascii():
            return kind
        bare = plain(words)
        return self.inner.get(bare) or ("polite" if bare in self.polite else None)

    def pieces(self, tokens: Sequence[str]) -> Iterator[Piece]:
        """A reply cut into the longest phrases known, digits, and words unknown."""
        at = 0
        while at < len(tokens):
            for length in range(min(self._longest(tokens[at]), len(tokens) - at), 0, -1):
                text = " ".join(tokens[at : at + length])
                if kind := self.kind_within(text):
                    yield Piece(text, kind)
                    break
            else:
                length = 1
                yield from self._unknown(tokens[at])
            at += length

    def _longest(self, head: str) -> int:
        longest = self.heads.get(head, 0)
        return longest if head.isascii() else max(longest, self.heads.get(plain(head), 0))

    def _unknown(self, token: str) -> list[Piece]:
        if token.isdigit():
            return [Piece(token, "digits")]
        return self._cut(token) if UNSPACED.match(token) else [Piece(token, None)]

    def _cut(self, token: str) -> list[Piece]:
        """Chinese or Thai without spaces: politeness around one phrase, "ใช่ครับ", "不是谢谢". More is not cut up."""
        found: list[Piece] = []
        at = 0
        while at < len(token) and sum(piece.kind != "polite" for piece in found) < 2:
            lengths = range(min(self.letters, len(token) - at), 0, -1)
            length = next(
                (length for length in lengths if self.kind_within(token[at : at + length])), len(token) - at
            )
            found.append(Piece(token[at : at + length], self.kind_within(token[at : at + length])))
            at += length
        known = [piece.kind for piece in found if piece.kind != "polite"]
        return found if len(known) < 2 or known[0] == "stop" else [Piece(token, None)]


@lru_cache(maxsize=64)
def lexicon(words: Words) -> Lexicon:
    """Compiled once per language; every reply after that is look-ups."""
    entries = {kind: getattr(words, kind) for kind in KINDS}
    inside = {kind: [entry for entry in all_ if not entry.endswith(".")] for kind, all_ in entries.items()}
    inner = _kinds(inside)
    polite = _spellings(words.polite)
    return Lexicon(
        whole=_kinds(entries),
        inner=inner,
        polite=polite,
        heads=_heads((*inner, *polite)),
        letters=max(map(len, (*inner, *polite)), default=1),
    )


def _kinds(entries: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Each phrase's kind, then the spellings without marks that belong to one kind only: "dung" is neither."""
    exact: dict[str, set[str]] = {}
    for kind, listed in entries.items():
        for entry in listed:
            exact.setdefault(phrase(entry), set()).add(kind)
    bare: dict[str, set[str]] = {}
    for text, kinds in exact.items():
        bare.setdefault(plain(text), set()).update(kinds)
    return {text: min(kinds) for text, kinds in (bare | exact).items() if len(kinds) == 1 and text}


def _heads(phrases: Iterable[str]) -> dict[str, int]:
    heads: dict[str, int] = {}
    for words in map(str.split, phrases):
        heads[words[0]] = max(heads.get(words[0], 0), len(words))
    return heads


def _spellings(entries: Iterable[str]) -> frozenset[str]:
    texts = {phrase(entry) for entry in entries}
    return frozenset(texts | set(map(plain, texts)))
