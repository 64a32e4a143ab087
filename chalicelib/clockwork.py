"""What the schedules and the queue run: the sweep, one look, the refresh."""

from collections.abc import Iterator
from datetime import timedelta

from chalicelib import log, silence
from chalicelib.counting import Counting
from chalicelib.dataclass import dataclass
from chalicelib.desk import Callbacks
from chalicelib.intake import SOON
from chalicelib.ports import Office
from chalicelib.service import Surveys

LONGEST_OPEN = timedelta(days=30)  # no survey is due later than that


@dataclass(frozen=True, slots=True)
class Clockwork:
    office: Office
    surveys: Surveys
    callbacks: Callbacks
    counting: Counting

    def look(self, kind: str, record_id: str) -> None:
        """Whatever is due for this record happens now. Repeating it is harmless."""
        if kind == "callback":
            self.callbacks.look(record_id)
        else:
            self.surveys.look(record_id)

    def sweep(self) -> int:
        """Queue a look at everything that is due."""
        due = list(self._due(timedelta()))
        for kind, record_id in due:
            self.office.queue.look(kind, record_id)
        now = self.office.now()
        since = self.office.store.oldest_due(now) or now
        log.metric("OldestDueSeconds", (now - since).total_seconds())  # none would mean that no sweep runs
        return len(due)

    def refresh(self) -> int:
        """Days counted anew; also, for the alarm on silence, how many calls were reported lately."""
        written = self.counting.refresh()
        lately = silence.calls_lately(self.office)
        if lately is not None:
            log.metric("CallsInTwoOpenHours", lately)
        return written

    def tick(self) -> dict[str, int]:
        """Everything that is due, done before it returns. For a clock that was moved: looks at every open survey."""
        due = list(self._due(LONGEST_OPEN))
        for kind, record_id in due:
            self.look(kind, record_id)
        return {"looked_at": len(due), "days_counted": self.counting.refresh()}

    def take_up(self) -> int:
        """Queue every invitation again that is still to be sent. For a queue that was lost."""
        office, queued = self.office, 0
        for survey_id in office.store.due(office.now() + LONGEST_OPEN):
            survey = office.store.survey(survey_id)
            if survey and survey.planned_at and not survey.attempts:
                wait = max(survey.planned_at - office.now(), timedelta())
                office.queue.look("survey", survey_id, min(wait, SOON))
                queued += 1
        return queued

    def _due(self, ahead: timedelta) -> Iterator[tuple[str, str]]:
        now, store = self.office.now(), self.office.store
        yield from (("survey", survey_id) for survey_id in store.due(now + ahead))
        yield from (("callback", callback_id) for callback_id in store.callbacks_due(now))
