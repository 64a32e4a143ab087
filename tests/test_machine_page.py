"""docs/machine.md says what the machine does: all of it, and nothing else."""

import random
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from chalicelib.advance import advance
from chalicelib.effects import Ask, Effect, Tell
from chalicelib.events import (
    Answered,
    Desk,
    Due,
    Event,
    Gate,
    Outcome,
    PickedUp,
    Reported,
    Superseded,
    Tongue,
)
from chalicelib.reading import key
from chalicelib.script import Meaning, Reading, Value
from chalicelib.survey import Stage, Survey
from tests.fakes import HOUR, MINUTE, NOON, planned

PAGE = (Path(__file__).parent.parent / "docs" / "machine.md").read_text(encoding="utf-8")
TEXTED = sorted(set(Meaning) - {Meaning.END, Meaning.REPEAT})
TONGUES = {code: Tongue(code, "9c1f0001") for code in ("en", "ar")}
KEYED = ("answers", "skip", "unclear", "empty", "repeat", "language", "end")
WALKS, STEPS = 5000, 24
MOODS = ("tttkkkkdddrrrps", "dddddddr", "tttttttd", "kkkkkkkp", "rrdd")
Move = tuple[str, str, str, frozenset[tuple[str, str]]]


def table(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading."""
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@dataclass(frozen=True, slots=True)
class Row:
    """One move: stages, events, stages, and the effects that may come of it."""

    stages: frozenset[str]
    events: frozenset[str]
    then: frozenset[str]
    effects: frozenset[tuple[str, str]]  # ("Tell", "thanks"); ("Send", "") where no words matter

    @classmethod
    def read(cls, cells: list[str]) -> "Row":
        events, kind = set(), ""
        for one in cells[1].split(", "):
            kind, which = one.split(": ") if ": " in one else (kind, one)
            events |= {f"{kind}: {each}" if kind else each for each in (KEYED if which == "any" else [which])}
        effects = set()
        for effect in cells[3].split(", ") if cells[3] != "–" else []:
            name, _, words = effect.rstrip(")").partition("(")
            effects |= {(name, word) for word in words.split("/")}
        stages, then = (frozenset(cells[at].split(", ")) for at in (0, 2))
        return cls(stages, frozenset(events), then, frozenset(effects))

    def allows(self, before: str, event: str, after: str, effects: set[tuple[str, str]]) -> bool:
        there = after in self.then or ("same" in self.then and after == before)
        return before in self.stages and event in self.events and there and effects <= self.effects


ROWS = [Row.read(cells) for cells in table("Every move")]


def label(event: Event, survey: Survey) -> str:
    """The event as the page calls it."""
    match event:
        case Answered(voice=True, question=question, reading=reading):
            at = question.partition("-")[0]
            is_open = at == "consent" if survey.stage is Stage.CONSENT else (at,) == survey.asked
            where = f" at {at}" if at in ("who", "end") else "" if is_open else " elsewhere"
            return f"key{where}: {reading.meaning}"
        case Answered(reading=reading):
            return f"text: {reading.meaning}"
        case Reported(outcome=outcome):
            return f"report: {outcome}"
        case PickedUp(placed=placed):
            return "call answered" if placed else "caller on the line"
        case Due():
            return "due"
        case Superseded():
            return "superseded"


def words(effect: Effect) -> tuple[str, str]:
    match effect:
        case Ask(question):
            return "Ask", question
        case Tell(key):
            return "Tell", key
    return type(effect).__name__, ""


@dataclass(slots=True)
class Walk:
    """One survey, and whatever may come; more often what fits."""

    chance: random.Random
    survey: Survey
    mood: str
    favourite: str  # key
    now: datetime = NOON
    events: int = 0

    def step(self) -> Move:
        """One move: from where, what happened, to where, and the effects."""
        self.events += 1
        event, before = self.event(), self.survey
        self.survey, effects = advance(before, event)
        taken_as_asked = isinstance(event, Answered) and before.stage is Stage.PLANNED and before.asked
        start = Stage.ASKING if taken_as_asked else before.stage
        return start.value, label(event, before), self.survey.stage.value, frozenset(map(words, effects))

    def event(self) -> Event:
        kind = self.chance.choice(self.mood)
        if kind == "d" and self.survey.due_at and self.chance.random() < 0.8:
            self.now = max(self.now, self.survey.due_at)
        elif self.chance.random() < 0.3:
            self.now += self.chance.choice([MINUTE, 3 * MINUTE, HOUR, 9 * HOUR])
        match kind:
            case "t":
                return self.text()
            case "k":
                return self.key()
            case "d":
                return Due(self.now, self.gate())
            case "r":
                attempt = self.chance.choice([len(self.survey.attempts)] * 4 + [0])
                return Reported(attempt, self.now, self.chance.choice([*Outcome]), self.gate())
            case "p":
                return PickedUp(f"{self.events}", self.now, placed=self.chance.random() < 0.5)
        return Superseded(self.now, by="newer") if self.chance.random() < 0.2 else self.text()

    def gate(self) -> Gate:
        held = self.chance.choice([1, 20]) * HOUR if self.chance.random() < 0.1 else None
        refused = "killed" if self.chance.random() < 0.05 else None
        return Gate(self.now + held if held else None, refused, voice=self.chance.random() < 0.9)

    def desk(self) -> Desk:
        return Desk(self.chance.random() < 0.9, self.chance.random() < 0.2, date(2026, 11, 25))

    def text(self) -> Answered:
        chance, survey = self.chance, self.survey
        meaning = chance.choice(
            [*TEXTED, Meaning.UNDO, Meaning.UNCLEAR, Meaning.UNCLEAR, *[Meaning.ANSWERS] * 6]
        )
        nothing_open = survey.stage in (Stage.PLANNED, Stage.ASKING) and not survey.asked
        if nothing_open and meaning in (Meaning.ANSWERS, Meaning.SKIP):
            meaning = Meaning.UNCLEAR  # the reader takes no answers where nothing is open
        if meaning is Meaning.LANGUAGE and not survey.offers:
            meaning = Meaning.UNCLEAR
        answers = tuple(chance.choice([Value.YES, Value.NO]) for _ in survey.asked or "1")
        given = {Meaning.ANSWERS: answers, Meaning.SKIP: (Value.SKIPPED,)}.get(meaning, ())
        plain = meaning is not Meaning.ANSWERS or chance.random() < 0.8
        return Answered(
            f"{self.events}", self.now, Reading(meaning, given, offer=1, plain=plain), self.desk(),
            text=meaning is not Meaning.EMPTY,
            number="+46701740613" if chance.random() < 0.2 else None, voice_on=chance.random() < 0.8,
            tongues=tuple(TONGUES[code] for code in survey.offers),
            other=TONGUES["en"] if meaning is Meaning.UNCLEAR and chance.random() < 0.1 else None,
        )  # fmt: skip

    def key(self) -> Answered:
        current = f"{(self.survey.asked or ('consent',))[0]}-{self.survey.turn}"
        path = self.chance.choice(
            [*[current] * 5, "who-1", "who-1", "who-3", "end-1", "end-1", "time-1", "time-1"]
        )
        digit = (
            self.favourite if self.chance.random() < 0.6 else self.chance.choice([*"11122399005", "7", ""])
        )
        reading, tongues = (
            key(digit, len(self.survey.offers)),
            tuple(TONGUES[code] for code in self.survey.offers),
        )
        return Answered(
            f"{self.events}", self.now, reading, self.desk(), voice=True, question=path, tongues=tongues
        )


def answered(survey: Survey, replies: str) -> Survey:
    """The same survey some answers on, by text or on the phone."""
    for n, reply in enumerate(replies):
        reading = Reading(Meaning.ANSWERS, (Value.YES if reply == "y" else Value.NO,))
        by_voice = survey.channel == "voice"
        if by_voice and not n:
            survey, _ = advance(survey, PickedUp("line", NOON, placed=False))
        path = f"{(survey.asked or ('',))[0]}-1"
        survey, _ = advance(
            survey, Answered(f"first-{n}", NOON, reading, Desk(), voice=by_voice, question=path)
        )
    return survey


def moves() -> list[Move]:
    """Every move of many random surveys, once each; the same ones every time."""
    chance, seen = random.Random(1), set()
    for _ in range(WALKS):
        style, agreed = chance.choice(["one_by_one", "all_in_one"]), chance.choice([None, None, True])
        survey = planned(chance.choice(["sms", "voice"]), style=style, callback_consent=agreed)
        survey = replace(survey, offers=chance.choice([(), ("en", "ar")]))
        if chance.random() < 0.8:
            survey, _ = advance(survey, Due(NOON, Gate()))
            survey = answered(survey, chance.choice(["", "", "yy", "yyn"]))
        walk = Walk(chance, survey, chance.choice(MOODS), chance.choice([*"120977", ""]))
        seen |= {walk.step() for _ in range(STEPS)}
    return sorted(seen, key=str)


MOVES = moves()


def test_every_move_the_machine_makes_is_on_the_page() -> None:
    missing = [
        move
        for move in MOVES
        if not any(row.allows(*move[:3], set(move[3])) for row in ROWS) and (move[0] != move[2] or move[3])
    ]
    assert missing == []


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda row: f"{sorted(row.stages)} {sorted(row.events)} {sorted(row.then)}"
)
def test_every_row_of_the_page_happens(row: Row) -> None:
    fitting = [move for move in MOVES if row.allows(*move[:3], set(move[3]))]
    assert row.stages == {before for before, *_ in fitting}
    assert row.events == {event for _, event, *_ in fitting}
    assert row.effects <= {effect for *_, effects in fitting for effect in effects}
    assert row.then - {"same"} <= {after for *_, after, _ in fitting}


def test_the_table_fits_a_page() -> None:
    assert len(ROWS) <= 70


def test_every_rule_of_the_design_that_the_machine_keeps_is_named() -> None:
    found = [re.findall(r"\[([\d, ]+)\]", cells[4]) for cells in table("Every move")]
    named = {number for group in found for numbers in group for number in numbers.split(", ")}
    assert named == {"1", "2", "4", "5", "6", "7", "8", "9", "10", "11"}


def test_the_drawing_shows_every_way_from_stage_to_stage() -> None:
    drawing = PAGE.split("```mermaid")[1].split("```")[0]
    drawn = set(re.findall(r"(\w+) --> (\w+)", drawing))
    assert {name for pair in drawn for name in pair} | {"not_invited"} == set(Stage)
    made = {(before, after) for before, _, after, _ in MOVES if before != after}
    assert made == {(before, after) for before, after in drawn if before != after}


@pytest.mark.parametrize("name, value", [cells[:2] for cells in table("Clocks and caps")])
def test_every_clock_and_cap_has_the_value_the_page_gives(name: str, value: str) -> None:
    module, constant = name.strip("`").split(".")
    place = "chalicelib.survey" if module == "survey" else f"chalicelib.advance.{module}"
    number, _, unit = value.partition(" ")
    spans = {"h": "hours", "min": "minutes", "s": "seconds"}
    expected = timedelta(**{spans[unit]: int(number)}) if unit else int(number)
    assert getattr(import_module(place), constant) == expected
