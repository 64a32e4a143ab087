"""What lint says: where, and how bad."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """An error keeps a language from being offered; a warning is for the translator to judge; a note is a fact."""

    level: Literal["error", "warning", "note"]
    where: str  # "sms.thanks", "words.yes"
    what: str


def error(where: str, what: str) -> Finding:
    return Finding("error", where, what)


def warning(where: str, what: str) -> Finding:
    return Finding("warning", where, what)


def note(where: str, what: str) -> Finding:
    return Finding("note", where, what)
