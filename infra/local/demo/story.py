"""Who rang, and what they do afterwards: pure, and the same for the same seed.

To be seen on the results page: a Tuesday on which everybody waited, a queue that helps less than the others, callers
who speak English and are heard too rarely, and, from the last days, people who still wait to be called back.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from infra.local.demo import people
from infra.local.demo.calendar import DAY, Calendar, shared_out
from infra.local.demo.landlines import on_a_landline
from infra.local.demo.moves import Moves, drawn
from infra.local.demo.numbers import Numbers
from infra.local.demo.people import Caller, Opinion

USUAL, MOST = 400, 2000  # calls; there are not many more fictitious numbers
Report = dict[str, object]  # fields of POST /webhooks/calls

SHARES = {"residence-permits": 0.42, "citizenship": 0.33, "work-permits": 0.25}
CONTENT = {  # how many say yes
    "residence-permits": {"service": 0.87, "time": 0.78, "resolved": 0.74},
    "citizenship": {"service": 0.68, "time": 0.62, "resolved": 0.36},  # the worse one
    "work-permits": {"service": 0.90, "time": 0.82, "resolved": 0.78},
}
WAITED = 0.12  # content with the wait, on the bad Tuesday
STUCK = "citizenship"  # in the last days, when its callers ring in numbers, and next to nobody is helped
SHARES_LATELY = {"residence-permits": 0.28, "citizenship": 0.56, "work-permits": 0.16}
HELPED_LATELY = 0.05
UNSURE = 0.04
TEAMS = {"north": 0.40, "south": 0.35, "east": 0.25}
LANGUAGES = {"sv": 0.60, "en": 0.26, "ar": 0.06, "fi": 0.03, "uk": 0.03, "fa": 0.02}
ANSWER = {"sv": 0.56, "en": 0.18, "ar": 0.32, "fi": 0.40, "uk": 0.36, "fa": 0.32}
UPSET = 0.15  # more of them answer when something has gone wrong
LANDLINE = 0.12
KINDS = {  # of calls; only "plain" ones are surveyed
    "plain": 0.85, "again": 0.05, "too_short": 0.03, "unanswered": 0.025, "withheld": 0.025, "outbound": 0.01,
    "no_phone": 0.005, "test": 0.005,
}  # fmt: skip
ASIDE: dict[str, Report] = {
    "too_short": {"talk_seconds": 9},
    "unanswered": {"answered": False, "talk_seconds": 0},
    "withheld": {"number": None},
    "outbound": {"direction": "outbound"},
    "no_phone": {"number": "112"},
    "test": {"test": True},
}
CONSENT, CONSENT_LATELY = 0.70, 0.95
RINGS_AGAIN = timedelta(days=5)  # by then the first call's survey is over, a weekend between or not


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the centre reports it at `at`, and what its caller does after that, if invited."""

    order: int  # from 1
    at: datetime
    report: Report
    moves: Moves = ()


@dataclass(slots=True)
class Story:
    """Draws one call after the other, in the order of time."""

    calendar: Calendar
    dice: Random
    numbers: Numbers
    run: str  # part of every call's id, so that a second demonstration has other calls
    told: list[Call] = field(default_factory=list)
    rang: list[tuple[datetime, str]] = field(default_factory=list)

    def call(self, at: datetime) -> None:
        kind = drawn(self.dice, tuple(KINDS.items()))
        order, report = len(self.told) + 1, self._report(at)
        known = self._known(at) if kind == "again" else None
        if known:
            self.told.append(Call(order, at, report | {"number": known}))
            return
        moves = self._caller(at, report)
        if kind in ASIDE:
            self.told.append(Call(order, at, report | ASIDE[kind]))
        else:
            self.told.append(Call(order, at, report, moves))
            self.rang.append((at, str(report["number"])))

    def _report(self, at: datetime) -> Report:
        bad = at.date() == self.calendar.bad_tuesday
        shares = SHARES_LATELY if at.date() in self.calendar.last_days else SHARES
        ended = at - timedelta(minutes=self.dice.randint(1, 110), seconds=self.dice.randint(0, 59))
        return {
            "call_id": f"{self.run}-{len(self.told) + 1:04}",
            "ended_at": ended.isoformat(),
            "language": drawn(self.dice, tuple(LANGUAGES.items())),
            "queue": drawn(self.dice, tuple(shares.items())),
            "team": drawn(self.dice, tuple(TEAMS.items())),
            "agent": f"a-{self.dice.randint(11, 28)}",
            "wait_seconds": self.dice.randint(2400, 6000) if bad else self.dice.randint(20, 900),
            "talk_seconds": self.dice.randint(60, 900),
            "callback_consent": True if self.dice.random() < 0.03 else None,
        }

    def _caller(self, at: datetime, report: Report) -> Moves:
        """Gives the report a number, and its owner something to do."""
        language, lately = str(report["language"]), at.date() in self.calendar.last_days
        caller = Caller(
            language=language,
            opinion=self._opinion(at.date(), str(report["queue"])),
            tomorrow=(at + DAY).isoweekday() < 6,
            consents=CONSENT_LATELY if lately else CONSENT,
            promised=report["callback_consent"] is True,
            rung_back=at.date() not in self.calendar.unrung,
        )
        landline = self.numbers.landline() if self.dice.random() < LANDLINE else None
        report["number"] = landline or self.numbers.mobile(language)
        if landline:
            return on_a_landline(self.dice, caller, unheard=at == self.calendar.reports[0])
        upset = at.date() == self.calendar.bad_tuesday or (lately and report["queue"] == STUCK)
        if self.dice.random() < ANSWER[language] + upset * UPSET:
            return people.on_a_mobile(self.dice, caller)
        return people.silent(self.dice, language)

    def _opinion(self, day: date, queue: str) -> Opinion:
        content = dict(CONTENT[queue])
        if day == self.calendar.bad_tuesday:
            content["time"] = WAITED
        if day in self.calendar.last_days and queue == STUCK:
            content["resolved"] = HELPED_LATELY
        return {
            question: "skip" if self.dice.random() < UNSURE else "yes" if self.dice.random() < share else "no"
            for question, share in content.items()
        }

    def _known(self, at: datetime) -> str | None:
        """Somebody who rang some days ago, and is not to be asked again so soon."""
        known = [number for when, number in self.rang if when <= at - RINGS_AGAIN]
        return self.dice.choice(known) if known else None


def tell(calls: int, seed: int, calendar: Calendar, used: set[str], run: str) -> list[Call]:
    """So many calls, in the order in which they are reported. Raises UsedUp."""
    story = Story(calendar, Random(seed), Numbers(used), run)
    for at, count in zip(calendar.reports, shared_out(calls, calendar.weights()), strict=True):
        for _ in range(count):
            story.call(at)
    return story.told
