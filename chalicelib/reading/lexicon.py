"""One language's words, made ready for looking replies up in.

An entry ending in a full stop ("not.", "ok.") counts only as the whole reply: "not" alone is a no, but "no not yes"
is not three answers. One ending in three ("no …", in `unclear`) is an answer that turns a stop word after it round.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from chalicelib.dataclass import dataclass
from chalicelib.reading.clauses import Word, bare_text_of, clauses, text_of
from chalicelib.reading.letters import UNSPACED, plain
from chalicelib.reading.phrases import Phrases, phrases_of
from chalicelib.script import Words

ANSWERS = ("yes", "no", "skip")
KINDS = (*ANSWERS, "stop", "start", "help", "undo", "not_me", "ring", "no_call", "unclear")
_DRAWN_OUT = re.compile(r"(?<=[^\W\d_])([^\W\d_])\1\1+")  # "jaaaa"; but "hhhh" is laughter
_AGAINST = {"yes": "no", "no": "yes"}


class Piece(NamedTuple):
    """A stretch of a reply and what it is: a kind of phrase, "polite", "digits", or None for anything else."""

    text: str
    kind: str | None
    words: Sequence[Word]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`whole` for whole replies, `inner` for phrases, and politeness, that also count inside one."""

    whole: Phrases
    inner: Phrases
    turning: tuple[str, ...]  # "no" where it means "not" as well: "no pare" asks nobody to stop
    details: frozenset[str]  # answers that also come after a bare one: "they helped", as in "yes they helped"
    heads: Mapping[str, Sequence[int]]  # a phrase's first word: how many words such phrases have, most first
    starts: Mapping[str, Sequence[int]]  # where nothing shows words: its first letter, and how many letters
    stops: Sequence[str]  # stop phrases that count inside a reply
    stop_heads: frozenset[str]  # their first words
    longest: int  # words in the longest phrase there is

    def kind_of(self, words: Sequence[Word]) -> str | None:
        """The kind of a whole reply."""
        if len(words) > self.longest:
            return None
        kind = self.whole.kind(text_of(words), bare_text_of(words))
        return kind if self.is_one(words, kind) else None

    def kind_within(self, words: Sequence[Word]) -> str | None:
        """The kind of a phrase within a reply; "polite" for decoration."""
        return self.inner.kind(text_of(words), bare_text_of(words))

    def answer_in(self, word: Word) -> str | None:
        """The kind of a single word that is an answer by itself."""
        kind = self.kind_within([word])
        return kind if kind in ANSWERS else None

    def kind_between(self, words: Sequence[Word]) -> str | None:
        """The same of words with politeness taken out from between them; no answer is put together across commas."""
        kind = self.kind_within(words) if 0 < len(words) <= self.longest else None
        if kind in _AGAINST and words[0].clause != words[-1].clause:
            return None
        return kind if self.is_one(words, kind) else None

    def pieces(self, words: Sequence[Word]) -> Iterator[Piece]:
        """A reply cut into the longest phrases known, digits, and words unknown."""
        at = 0
        while at < len(words):
            for length in self.heads.get(words[at].text) or self.heads.get(words[at].bare, ()):
                stretch = words[at : at + length]
                kind = self.kind_within(stretch)
                if kind and len(stretch) == length and self.is_one(stretch, kind, words[at + length :][:1]):
                    yield Piece(text_of(stretch), kind, stretch)
                    break
            else:
                length = 1
                yield from self._unknown(words[at])
            at += length

    def is_one(self, words: Sequence[Word], kind: str | None, after: Sequence[Word] = ()) -> bool:
        """Whether commas leave a phrase what it is: "no, they helped" is not "no they helped", nor "no, no" one no.

        "No, very" before "good" is no phrase.
        """
        if not kind or words[0].clause == words[-1].clause:
            return True
        if kind in _AGAINST and after and after[0].clause == words[-1].clause:
            return False
        parts = clauses(words)
        first, *others = (self.kind_within(part) or self._kind_alone(part) for part in parts)
        if kind in ("stop", "no_call"):
            return first not in ("yes", "no")
        if kind == "skip" and len(parts) == 2:
            return self.kind_of(parts[0]) != "no"  # "not, sure" is not "not sure"
        if kind == "unclear":
            return first != "no" and "no" not in others  # "yes, no, yes" are three answers
        alone = list(map(self.kind_of, parts))
        if kind == "yes" and "no" in alone:
            return False  # "no, problems", "not, bad", "it was not, bad": together they would be a yes
        denies = len(parts[0]) == 1 and alone[0] in ("no", None)
        if kind == "no" and ({"yes", "no"} <= set(alone) or (denies and {"yes", None} & set(alone[1:]))):
            return False  # "good, not?"; "no, very good": what follows must be a no by itself
        return _AGAINST.get(kind, "") not in others and len(set(map(text_of, parts))) > 1

    def _kind_alone(self, part: Sequence[Word]) -> str | None:
        """ "Very good" counts only as a whole reply, but then it counts; "of course" goes with a no as well."""
        return self.kind_of(part) if len(part) > 1 else None

    def one_by_one(self, pieces: Sequence[Piece]) -> list[Piece]:
        """The same for several questions: "yes, sure, no" are three answers though "yes sure" is one phrase.

        In "ok, ok, no" it is not known whether "ok" is politeness, nor in "of course, no" whether it goes with the no.
        """
        by_digits = any(piece.kind == "digits" for piece in pieces)
        firm = {word.clause for piece in pieces if piece.kind != "polite" for word in piece.words}
        apart: list[Piece] = []
        for piece in pieces:
            parts = clauses(piece.words)
            alone = {self.kind_of(part) for part in parts}
            courtesy = (
                piece.kind == "polite" and not by_digits and firm.isdisjoint(w.clause for w in piece.words)
            )
            if piece.kind in _AGAINST and len(parts) > 1 and alone == {piece.kind}:
                apart += [Piece(text_of(part), piece.kind, part) for part in parts]
            elif _AGAINST.get(piece.kind or "", "") in alone or (courtesy and not alone.isdisjoint(ANSWERS)):
                apart.append(piece._replace(kind=None))
            else:
                apart.append(piece)
        return apart

    def may_stop(self, words: Sequence[Word]) -> list[list[Word]]:
        """The clauses that hold the beginning of a stop phrase: most hold none, and need no closer look."""
        held = {word.clause for word in words if not self.stop_heads.isdisjoint((word.text, word.bare))}
        held |= {word.clause for word in words if UNSPACED.match(word.text) and self.may_hold_stop(word.text)}
        return [clause for clause in clauses(words) if clause[0].clause in held] if held else []

    def may_hold_stop(self, spelt: str) -> bool:
        """Whether it is worth looking for a request to stop in a long text, or in a word of a script without spaces."""
        return any(stop in spelt for stop in self.stops)

    def _unknown(self, word: Word) -> list[Piece]:
        if word.text.isdigit():
            return [Piece(word.text, "digits", [word])]
        text = _DRAWN_OUT.sub(r"\1", word.text)
        if text != word.text:
            short = Word(text, plain(text), word.clause)
            if kind := self.kind_within([short]):
                return [Piece(text, kind, [short])]
        return self._cut(word) if UNSPACED.match(word.text) else [Piece(word.text, None, [word])]

    def _cut(self, word: Word) -> list[Piece]:
        """Chinese or Thai without spaces: politeness around one phrase, "ใช่ครับ", "不是谢谢". More is not cut up."""
        found: list[Piece] = []
        token, at = word.text, 0
        while at < len(token) and sum(piece.kind != "polite" for piece in found) < 2:
            lengths = self.starts.get(token[at], ())
            length = next((n for n in lengths if token[at : at + n] in self.inner.kinds), len(token))
            text = token[at : at + length]
            found.append(Piece(text, self.inner.kinds.get(text), [Word(text, text, word.clause)]))
            at += length
        known = [piece.kind for piece in found if piece.kind != "polite"]
        return found if len(known) < 2 or known[0] == "stop" else [Piece(token, None, [word])]


@lru_cache(maxsize=64)
def lexicon(words: Words) -> Lexicon:
    """Compiled once per language; every reply after that is look-ups."""
    entries = {kind: getattr(words, kind) for kind in KINDS}
    turning = {entry for entry in words.unclear if entry.endswith("...")}
    entries["unclear"] = words.unclear - turning
    inside = {kind: [entry for entry in of if not entry.endswith(".")] for kind, of in entries.items()}
    inner = phrases_of({**inside, "polite": words.polite})
    whole = phrases_of(entries)
    stops = [text for text, kind in inner.kinds.items() if kind == "stop"]
    return Lexicon(
        whole=whole,
        inner=inner,
        turning=tuple(phrases_of({"unclear": turning}).kinds),
        details=_details(inner.kinds),
        heads=_reach((text.split()[0], text.count(" ") + 1) for text in inner.kinds),
        starts=_reach((text[0], len(text)) for text in inner.kinds if UNSPACED.match(text)),
        stops=stops,
        stop_heads=frozenset(text.split()[0] for text in stops),
        longest=max((text.count(" ") + 1 for text in (*whole.kinds, *inner.kinds)), default=1),
    )


def _details(inner: Mapping[str, str]) -> frozenset[str]:
    """Answers that are listed after a bare one too, of either kind: "yes they helped", "nie pomogli"."""
    answers = [(text, *text.partition(" ")[::2]) for text, kind in inner.items() if kind in ("yes", "no")]
    split = [(head, rest) for text, head, rest in answers if inner.get(head) == inner[text]]
    details = {rest for _, rest in split if inner.get(rest) in ("yes", "no")}
    return frozenset(details - {head for head, rest in split if inner.get(rest) == inner[head]})


def _reach(lengths: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """From each beginning, the lengths to try, longest first."""
    found: dict[str, set[int]] = {}
    for beginning, length in lengths:
        found.setdefault(beginning, set()).add(length)
    return {beginning: sorted(all_, reverse=True) for beginning, all_ in found.items()}
