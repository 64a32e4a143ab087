"""Lint of the words: no list contradicts another, a carrier's keyword, or the examples."""

from collections.abc import Iterator
from itertools import combinations

from chalicelib import prompts
from chalicelib.reading import lists, normal, phrase, read
from chalicelib.reading.letters import plain
from chalicelib.reading.optout import CARRIER_HELP, CARRIER_START, CARRIER_STOP
from chalicelib.script import Meaning, Reading, Value, Words
from infra.prompts.findings import Finding, error, note, warning
from infra.prompts.form import EXAMPLES, WORDS, Table

_ANSWERS = ("yes", "no", "skip")
_MEANINGS = {
    "yes": Reading(Meaning.ANSWERS, (Value.YES,)),
    "no": Reading(Meaning.ANSWERS, (Value.NO,)),
    "skip": Reading(Meaning.SKIP, (Value.SKIPPED,)),
    "stop": Reading(Meaning.OPT_OUT),
    "start": Reading(Meaning.OPT_IN),
    "help": Reading(Meaning.HELP),
    "undo": Reading(Meaning.UNDO),
    "not_me": Reading(Meaning.NOT_ME),
    "ring": Reading(Meaning.RING),
    "no_call": Reading(Meaning.NO_CALL),
    "opt_out": Reading(Meaning.OPT_OUT),
    "unclear": Reading(Meaning.UNCLEAR),
}
_OPTIONAL = ("unclear",)
_TWILIO_OPT_IN = frozenset({"yes"})  # its third opt-in keyword: passed on to us as well, and to us an answer
_ENOUGH = 5  # examples of each kind


def findings(language: str, raw: Table, examples: Table) -> Iterator[Finding]:
    """Everything about the words and the examples of one language."""
    listed = {kind: [] for kind in _OPTIONAL} | raw.get("words", {})
    for kind in WORDS:
        if (not listed.get(kind) and kind not in _OPTIONAL) or not all(map(phrase, listed.get(kind, ()))):
            yield error(f"words.{kind}", "missing, empty, or with an entry that holds no word")
    for kind in listed.keys() - set(WORDS):
        yield error(f"words.{kind}", "no such list")
    if set(WORDS) != listed.keys():
        return
    yield from _collisions(listed)
    yield from _keywords(listed)
    words = Words(**{kind: frozenset(map(normal, listed[kind])) for kind in WORDS})
    yield from _misread(words, listed)
    yield from _examples(words, examples)
    for kind, entries in _as_loaded(language).items():
        if entries != listed[kind]:
            yield error(f"words.{kind}", 'may hold only strings in "double quotes", without a backslash')


def _collisions(listed: Table) -> Iterator[Finding]:
    exact = {kind: {phrase(entry) for entry in listed[kind] if not _turns(entry)} for kind in WORDS}
    inner = {kind: {phrase(entry) for entry in listed[kind] if not entry.endswith(".")} for kind in WORDS}
    for one, other in combinations([kind for kind in WORDS if kind != "polite"], 2):
        for text in sorted(exact[one] & exact[other]):
            yield error(f"words.{one}", f"{text!r} stands in words.{other} too: it would never be understood")
        bare = {plain(text) for text in exact[one]} & {plain(text) for text in exact[other]}
        for text in sorted(bare - (exact[one] & exact[other])):
            yield warning(
                f"words.{one}",
                f"without marks {text!r} is also in words.{other}: listed spelling counts, others are unclear",
            )
    for kind in (kind for kind in WORDS if kind != "polite"):
        for text in sorted(inner[kind] & exact["polite"]):
            yield error(
                f"words.{kind}",
                f"{text!r} is decoration in words.polite: here it wants a full stop, {text + '.'!r}",
            )


def _keywords(listed: Table) -> Iterator[Finding]:
    for kind in (kind for kind in WORDS if kind != "polite"):
        found = {phrase(entry) for entry in listed[kind]}
        if kind != "stop" and (taken := found & CARRIER_STOP):
            yield error(f"words.{kind}", f"carriers take {_quoted(taken)} for an opt-out")
        if kind in _ANSWERS:
            if taken := found & (CARRIER_START | CARRIER_HELP):
                yield error(f"words.{kind}", f"carriers answer {_quoted(taken)} themselves")
            if taken := found & _TWILIO_OPT_IN:
                yield note(
                    f"words.{kind}",
                    f"{_quoted(taken)} also opts in at Twilio; it reaches us and is an answer",
                )


def _as_loaded(language: str) -> dict[str, list[str]]:
    return lists.split((prompts.FOLDER / language / "prompts.toml").read_text(encoding="utf-8"))[0]


def _misread(words: Words, listed: Table) -> Iterator[Finding]:
    for kind in (kind for kind in WORDS if kind != "polite"):
        for entry in listed[kind]:
            reading = read(entry, words, 1)
            if _turns(entry) and (reading.meaning, reading.answers) != _meaning("no"):
                yield error(f"words.{kind}", f"{entry!r} is no answer: leave out the three full stops")
            elif not _turns(entry) and (reading.meaning, reading.answers) != _meaning(kind):
                yield error(f"words.{kind}", f"{entry!r} is read as {reading.meaning}")


def _examples(words: Words, examples: Table) -> Iterator[Finding]:
    for kind in examples.keys() - set(EXAMPLES):
        yield error(f"examples.{kind}", f"no such list: {', '.join(EXAMPLES)}")
    for kind in EXAMPLES:
        sentences = examples.get(kind, [])
        if len(sentences) < _ENOUGH:
            yield warning(
                f"examples.{kind}",
                f"{len(sentences)} sentences: give at least {_ENOUGH} that people would write",
            )
        for sentence in sentences:
            reading = read(sentence, words, 1)
            if (reading.meaning, reading.answers) != _meaning(kind):
                said = " ".join((reading.meaning, *reading.answers))
                yield error(f"examples.{kind}", f"{sentence!r} is read as {said}")


def _turns(entry: str) -> bool:
    """Whether an entry is an answer that turns a stop word after it round: "no ..."."""
    return entry.endswith("...")


def _meaning(kind: str) -> tuple[Meaning, tuple[Value, ...]]:
    return _MEANINGS[kind].meaning, _MEANINGS[kind].answers


def _quoted(found: frozenset[str] | set[str]) -> str:
    return ", ".join(map(repr, sorted(found)))
