"""What team leads and scripts ask for: query in, plain dictionaries out. Page and export call the same functions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from chalicelib import live_languages, log, shapes
from chalicelib.callbacks import ALLOWED, Callback, State, swept
from chalicelib.dataclass import dataclass
from chalicelib.desk import Callbacks
from chalicelib.errors import BadRequest, Conflict, NotFound
from chalicelib.numbers import parse
from chalicelib.ports import Office
from chalicelib.privacy import Privacy, number_in
from chalicelib.rates import BREAKDOWNS, DIMENSIONS, EARLIEST, LATEST, Ending, report
from chalicelib.shapes import Shape
from chalicelib.store import bucket
from chalicelib.survey import Survey

Query = Mapping[str, str]
DEFAULT_DAYS, MOST_DAYS = 28, 400
PAGE = 200  # rows of a list
TRIES = 6
CARRIERS_TIME = timedelta(seconds=8)  # of a request's fifteen, for deleting at the carrier
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Api:
    office: Office
    desk: Callbacks

    def rates(self, query: Query) -> Shape:
        """Raises BadRequest naming the parameter."""
        _only(query, {"from", "to", "by", *DIMENSIONS})
        by = query.get("by")
        if by is not None and by not in BREAKDOWNS:
            raise BadRequest("by", f"must be one of {', '.join(BREAKDOWNS)}")
        return self.breakdowns(query, [by])[by]

    def breakdowns(self, query: Query, wanted: Sequence[str | None]) -> dict[str | None, Shape]:
        """The answer of `rates` for each of several breakdowns, the days being read once."""
        first, end = self._period(query)
        where = {name: query[name] for name in DIMENSIONS if name in query}
        days = self.office.store.counts.days(first, end - DAY)
        computed_at = max((at for _, _, at in days), default=self.office.now())
        period = {"from": first.isoformat(), "to": end.isoformat(), "computed_at": computed_at.isoformat()}
        tallies = [(day, tally) for day, tally, _ in days]
        return {by: {**period, "groups": report(tallies, by, where)} for by in wanted}

    def calls(self, query: Query) -> Shape:
        _only(query, {"from", "to", "cursor"})
        surveys, on = self._page(query, lambda ending: True)
        return {"calls": [shapes.call(survey) for survey in surveys], "next": on}

    def newest_calls(self, limit: int) -> tuple[list[Shape], int]:
        """The last calls of a week, newest first; and how many more ended in the hour of the last ones listed.

        An hour's list is in no order: where not all of it has room, nobody knows which are its newest.
        """
        store = self.office.store
        today = self.office.now().astimezone(self.office.settings.zone).date()
        found: list[Survey] = []
        left_out = 0
        for hour in reversed(list(self._hours(today - DAY * 6, today + DAY))):
            ids, room = [survey_id for survey_id, _ in store.counts.calls_of(hour)], limit - len(found)
            calls = filter(None, map(store.survey, ids[:room]))
            found += sorted(calls, key=lambda survey: survey.ended_at, reverse=True)
            left_out = max(0, len(ids) - room)
            if len(found) >= limit or left_out:
                break
        return [shapes.call(survey) for survey in found], left_out

    def call(self, call_id: str) -> Shape:
        survey = self.office.store.survey(self.office.vault.survey_id(call_id))
        if survey is None:
            raise NotFound("no call with this id ever ended here")
        return shapes.call(survey)

    def responses(self, query: Query) -> Shape:
        """Surveys whose result is fixed and holds at least one answer or skip."""
        _only(query, {"from", "to", "cursor", "format"})
        surveys, on = self._page(query, lambda ending: set(ending.answers) & set("yns") != set())
        return {"responses": [shapes.response(survey) for survey in surveys], "next": on}

    def callbacks(self, query: Query) -> Shape:
        """Due soonest first. Without `state` those still owed."""
        _only(query, {"state", "team", "cursor"})
        state = query.get("state")
        if state is not None and state not in list(State):
            raise BadRequest("state", f"must be one of {', '.join(State)}")
        rows = self._rows(query.get("team"), state)
        if start := shapes.after(query.get("cursor"), 2):
            rows = [row for row in rows if [row.due_at.isoformat(), row.id] > start]
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        on = shapes.cursor(last.due_at.isoformat(), last.id) if last else None
        return {"callbacks": [shapes.callback(row) for row in rows[:PAGE]], "next": on}

    def owed(self, team: str | None = None) -> list[Shape]:
        """Every call still owed, due soonest first, read once: a page counts them all."""
        return [shapes.callback(row) for row in self._rows(team, None)]

    def _rows(self, team: str | None, state: str | None) -> list[Callback]:
        over = state is not None and not ALLOWED[State(state)]
        teams = self.office.store.teams() if team is None else [team]
        now = self.office.now()
        rows = [swept(row, now, now) for team in teams for row in self.office.store.callbacks(team, over)]
        if over:
            rows += [row for team in teams for row in self.office.store.past_callbacks(team, now)]
        wanted = (row for row in rows if row.state == state or (state is None and not row.finished))
        return sorted(wanted, key=lambda row: (row.due_at, row.id))

    def act(self, callback_id: str, verb: str, who: str, body: Mapping[str, Any]) -> Shape:
        row = self.desk.act(callback_id, verb, who, body)
        self.office.forget()
        return self._shown(row, who)

    def state(self, callback_id: str) -> str | None:
        row = self.office.store.callback(callback_id)
        return row.state.value if row else None

    def finished_since(self, moment: datetime) -> list[Shape]:
        """Rows that ended since, newest first."""
        rows = [
            row for team in self.office.store.teams() for row in self.office.store.callbacks(team, over=True)
        ]
        ended = [row for row in rows if row.finished_at and row.finished_at >= moment]
        return [
            shapes.callback(row)
            for row in sorted(ended, key=lambda row: row.finished_at or moment, reverse=True)
        ]

    def held(self, callback_id: str, who: str) -> Shape | None:
        """A row with its number, when `who` holds it."""
        row = self.office.store.callback(callback_id)
        shown = self._shown(row, who) if row else {}
        return shown if "number" in shown else None

    def _shown(self, row: Callback, who: str) -> Shape:
        """The row as `who` may see it. Each time that is with its number, the log says so."""
        number = self.desk.number(row, who)
        if number:
            log.info("number shown", survey=row.id, by=who)
        return shapes.callback(row, number)

    def settings(self) -> Shape:
        """The live policy, and who changed what when. Numbers on the allow-list are shown as keys only."""
        history = [
            {"at": entry["changed_at"], "who": entry["who"], "rules": entry["rules"]}
            for entry in self.office.store.rules.history()
        ]
        return {"policy": asdict(self.office.policy()), "history": history}

    def change_settings(self, changes: object, who: str) -> Shape:
        """Lay `changes` over the live policy. Raises BadRequest and Conflict; nothing is stored then."""
        if not isinstance(changes, dict) or not changes:
            raise BadRequest("body", "must be an object of settings to change")
        if "allow_list" in changes:
            changes = {**changes, "allow_list": self._keys(changes["allow_list"])}
        live_languages.complete(changes)

        def changed(rules: Mapping[str, Any]) -> Mapping[str, Any]:
            live_languages.reviewed(changes, self.office.base_policy.with_changes({**rules, **changes}))
            return {**rules, **changes}

        now = self.office.now()
        if not any(self.office.store.rules.change(changed, who, now) for _ in range(TRIES)):
            raise Conflict("others are changing the settings right now: try again")
        self.office.forget()
        return self.settings()

    def erase(self, query: Query, body: Mapping[str, Any], who: str) -> Shape:
        """Forget the number in the body, and prove it. Raises BadRequest and Conflict."""
        proof = Privacy(self.office).erase(number_in(query, body), who, CARRIERS_TIME)
        log.info("erasure", reference=proof["reference"], by=who)
        return {"proof": proof}

    def disclose(self, query: Query, body: Mapping[str, Any], who: str) -> Shape:
        """What is kept of the number in the body. Raises BadRequest."""
        told = Privacy(self.office).disclose(number_in(query, body), who)
        log.info("disclosure", reference=told["reference"], by=who)
        return told

    def _keys(self, numbers: object) -> list[str]:
        """Phone numbers as caller keys; keys that came from here before stay."""
        if not isinstance(numbers, list) or not all(isinstance(number, str) for number in numbers):
            raise BadRequest("allow_list", "must be a list of phone numbers, +46…")
        known = set(self.office.policy().allow_list)
        keys = []
        for place, written in enumerate(numbers, 1):
            number = parse(written)
            if written not in known and number is None:
                raise BadRequest("allow_list", f"entry {place} is not a phone number such as +46…")
            keys.append(written if number is None else self.office.vault.hash(number.e164))
        return keys

    def _period(self, query: Query) -> tuple[date, date]:
        """Local days, half-open."""
        today = self.office.now().astimezone(self.office.settings.zone).date()
        end = _day(query, "to") or today + DAY
        first = _day(query, "from") or end - DAY * DEFAULT_DAYS
        if not first < end <= first + DAY * MOST_DAYS:
            raise BadRequest("to", f"must be after from, and at most {MOST_DAYS} days")
        return first, end

    def _page(self, query: Query, wanted: Callable[[Ending], bool]) -> tuple[list[Survey], str | None]:
        """Surveys of the period in the order their calls ended (by hour), and where to go on."""
        first, end = self._period(query)
        start = shapes.after(query.get("cursor"), 2)
        found: list[Survey] = []
        last_hour = ""
        for hour in self._hours(first, end):
            if start and hour < start[0]:
                continue
            for survey_id, code in self.office.store.counts.calls_of(hour):
                if (start and [hour, survey_id] <= start) or not wanted(Ending.decode(code)):
                    continue
                if len(found) == PAGE:
                    return found, shapes.cursor(last_hour, found[-1].id)
                if survey := self.office.store.survey(survey_id):
                    found.append(survey)
                    last_hour = hour
        return found, None

    def _hours(self, first: date, end: date) -> Iterator[str]:
        """The buckets of these local days that may hold calls, in order. What was counted need not be searched."""
        store, zone = self.office.store, self.office.settings.zone
        counted = (store.counts.counted_until() or datetime.combine(EARLIEST, time(), UTC)) - DAY
        for day in (first + DAY * n for n in range((end - first).days)):
            at = datetime.combine(day, time(), zone).astimezone(UTC)
            closing = datetime.combine(day + DAY, time(), zone).astimezone(UTC)
            if closing < counted:
                yield from sorted(store.counts.hours_of(day))
                continue
            while at < closing:
                yield bucket(day, at)
                at = at.replace(minute=0) + timedelta(hours=1)


def _only(query: Query, known: set[str]) -> None:
    if unknown := sorted(set(query) - known):
        raise BadRequest(unknown[0], f"there is no such parameter; known are {', '.join(sorted(known))}")


def _day(query: Query, name: str) -> date | None:
    if name not in query:
        return None
    try:
        day = date.fromisoformat(query[name])
    except ValueError as error:
        raise BadRequest(name, "must be a day such as 2026-11-21") from error
    if day.isoformat() != query[name] or not EARLIEST <= day < LATEST:
        raise BadRequest(name, f"must be a day such as 2026-11-21, from {EARLIEST.year} to {LATEST.year - 1}")
    return day
