"""What the schedules and the queue run: the sweep, one look, the refresh."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.counting import Counting
from chalicelib.desk import Callbacks
from chalicelib.ports import Office
from chalicelib.service import Surveys


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

    def sweep(self, look_ahead: timedelta = timedelta()) -> int:
        """Queue a look at everything that is due; with `look_ahead`, also at what is said to be due only then."""
        due = list(self.office.store.due(self.office.now() + look_ahead))
        for kind, record_id in due:
            self.office.queue.look(kind, record_id)
        return len(due)

    def tick(self) -> dict[str, int]:
        """Everything that is due, done before it returns. For a clock that was moved: looks at every open record."""
        due = list(self.office.store.due(self.office.now() + timedelta(days=30)))
        for kind, record_id in due:
            self.look(kind, record_id)
        return {"looked_at": len(due), "days_counted": self.counting.refresh()}
