"""What the doctor finds, and how each of its looks goes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from infra.place import Place


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, and what to do about it."""

    name: str  # "text-webhook"
    says: str
    do: str
    grave: bool = True  # else somebody decided to live with it: said, and no reason to stop


class NotTold(Exception):
    """The other side has no such thing to ask: nothing was looked at, and the message says why."""


@dataclass(frozen=True, slots=True)
class Patient:
    """The stage that is looked at."""

    place: Place
    going_live: bool = False  # asked for everything callers at large would meet

    @property
    def people(self) -> bool:
        """Whether real people are texted from here, or are about to be: not by a local stage's stand-in."""
        return not (self.place.name == "local" and self.place.stand_in)


Check = Callable[[Patient], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Look:
    """One check and what came of it."""

    name: str  # of the check, in words
    findings: tuple[Finding, ...] = ()
    not_told: str = ""  # why nothing could be looked at


def look(check: Check, patient: Patient) -> Look:
    name = (check.__doc__ or check.__name__).partition("\n")[0].rstrip(".")
    try:
        return Look(name, tuple(check(patient)))
    except NotTold as error:
        return Look(name, not_told=str(error))
