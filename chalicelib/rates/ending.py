"""One call's line in the count: where it belongs, and how its survey ended."""

import re
from typing import Literal, get_args

from chalicelib.dataclass import dataclass

SEPARATOR = "\x1f"  # ASCII "unit separator": nobody names a team with it
DIMENSIONS = ("team", "queue", "language", "channel", "wave")

# How the survey of an invited caller stands, in the order the funnel shows it.
Stage = Literal[
    "open",
    "complete",
    "partial",
    "break_off",
    "refused",
    "opted_out",
    "non_contact",
    "unknown",
    "other",
    "not_eligible",
]
STAGES: tuple[Stage, ...] = get_args(Stage)

_END = re.compile(rf"{'|'.join(STAGES)}|not_(?:invited|sent):[a-z_]+")
_ANSWERS = re.compile(r"[ynsu-]{3}")
_FLAGS = ("", "d", "s", "ds")


@dataclass(frozen=True, slots=True)
class Ending:
    """What the `hours` index projects of a call. Equal endings are counted together."""

    team: str
    queue: str
    language: str
    channel: str  # "sms", "voice", "" when nothing was ever sent
    wave: str  # eight hex digits naming the wording, or ""
    end: str  # a stage, "not_invited:<reason>" or "not_sent:<reason>"
    answers: str = "---"  # service, time, resolved: y(es) n(o) s(kipped) u(nanswered) -(never put)
    delivered: bool = False  # a receipt, or any reply or key
    started: bool = False  # at least one yes or no, skip or refusal

    def __post_init__(self) -> None:
        if not _END.fullmatch(self.end):
            raise ValueError(f"end: no such ending: {self.end!r}")
        if not _ANSWERS.fullmatch(self.answers):
            raise ValueError(f"answers: not three of y n s u -: {self.answers!r}")

    @property
    def invited(self) -> bool:
        """Whether this call is a case of the survey."""
        return ":" not in self.end

    def encode(self) -> str:
        """The fields as one string. A separator inside a name is dropped."""
        names = (getattr(self, dimension).replace(SEPARATOR, "") for dimension in DIMENSIONS)
        flags = "d" * self.delivered + "s" * self.started
        return SEPARATOR.join((*names, self.end, self.answers, flags))

    @classmethod
    def decode(cls, code: str) -> "Ending":
        """The ending a code was made from; ValueError when it is none."""
        fields = code.split(SEPARATOR)
        if len(fields) != len(DIMENSIONS) + 3 or fields[-1] not in _FLAGS:
            raise ValueError(f"not an ending: {code!r}")
        team, queue, language, channel, wave, end, answers, flags = fields
        delivered, started = "d" in flags, "s" in flags
        return cls(team, queue, language, channel, wave, end, answers, delivered, started)


Counted = tuple[Ending, int]  # an ending and how many calls had it
