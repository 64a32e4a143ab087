"""What each page is told. The inner JSON is the API's own, so that page and API cannot disagree."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from typing import Any, NotRequired, TypedDict
from zoneinfo import ZoneInfo

from chalicelib.dataclass import dataclass
from chalicelib.pages.filters import Filters
from chalicelib.rates import Group


@dataclass(frozen=True, slots=True)
class Page:
    """What every signed-in page needs."""

    base: str  # PUBLIC_URL, no trailing slash: every link and form starts with it
    who: str  # as given at sign-in; the owner of the callbacks taken
    csrf: str  # goes into every form
    now: datetime  # aware
    zone: ZoneInfo
    open_callbacks: int = 0  # beside "Callbacks" in the menu
    local: bool = False  # the local stage: empty pages say what to do on the handset
    made_up: bool = False  # the results were invented by a demonstration
    trial: bool = False
    done: str = ""  # code from ?done=: the verb that worked; unknown codes show nothing
    problem: str = ""  # code from ?problem=


# The answer of GET /api/rates.
RatesAnswer = TypedDict(
    "RatesAnswer", {"from": str, "to": str, "computed_at": str | None, "groups": Sequence[Group]}
)


@dataclass(frozen=True, slots=True)
class Owed:
    """The callback list, summed."""

    open: int = 0  # every row still owed, whoever holds it
    overdue: int = 0
    first_due: str | None = None  # ISO


@dataclass(frozen=True, slots=True)
class ResultsView:
    page: Page
    filters: Filters
    total: RatesAnswer  # by nothing: one group
    trend: RatesAnswer  # by `filters.trend`: "day" or "week"
    queues: RatesAnswer
    teams: RatesAnswer
    languages: RatesAnswer
    channels: RatesAnswer
    owed: Owed = Owed()
    problems: Mapping[str, str] = field(default_factory=dict)  # what `read_filters` did not understand


class CallbackRow(TypedDict):
    """One of GET /api/callbacks; `number` only when the reader holds it and the look was logged."""

    id: str
    call_id: str
    state: str
    due_at: str  # ISO
    team: str
    queue: str
    language: str
    attempts: int
    owner: str | None
    answers: Mapping[str, str | None]
    number: NotRequired[str]  # E.164
    ends_in: NotRequired[str]  # last two digits of a number that is hidden
    held_until: NotRequired[str | None]  # ISO
    ended_at: NotRequired[str]  # of the call, ISO; to the holder only


@dataclass(frozen=True, slots=True)
class CallbacksView:
    page: Page
    rows: Sequence[CallbackRow]  # still owed, due soonest first
    done: Sequence[CallbackRow] = ()  # finished today
    owed: Owed = Owed()


class CallRow(TypedDict):
    """One of GET /api/calls; what a lead may not see is left out."""

    call_id: str
    decision: str  # "invited" or "not_invited"
    reason: str | None
    survey_id: str | None
    channel: str | None
    language: str | None
    disposition: str | None
    not_sent: str | None  # why an invited call was sent nothing
    answers: Mapping[str, str | None]
    attempts: Sequence[Mapping[str, Any]]  # {"attempt", "kind", "channel", "at", "status"}
    day: NotRequired[str]  # ISO date, local
    queue: NotRequired[str]
    team: NotRequired[str]
    language_from: NotRequired[str | None]


@dataclass(frozen=True, slots=True)
class CallsView:
    page: Page
    filters: Filters
    total: RatesAnswer  # its funnel sums the reasons
    calls: Sequence[CallRow]  # of the last seven days, newest first
    left_out: int = 0  # that ended in the hour of the last ones listed, too
    asked: str = ""  # a call id that was looked up in vain


@dataclass(frozen=True, slots=True)
class CallView:
    page: Page
    call: CallRow


@dataclass(frozen=True, slots=True)
class Remark:
    text: str
    day: date  # no time of day: it would name the agent
    language: str  # of the survey it came with: for reading aloud and for its direction
    queue: str = ""
    state: str = "new"


@dataclass(frozen=True, slots=True)
class RemarksView:
    page: Page
    remarks: Sequence[Remark]  # newest first
    next: str | None = None


@dataclass(frozen=True, slots=True)
class SettingsView:
    page: Page
    policy: Mapping[str, Any]  # both as GET /api/settings gives them
    history: Sequence[Mapping[str, Any]] = ()  # {"at", "who", "rules"}
