"""Which languages callers may be asked in: whole ones, and at large only what was reviewed or accepted as it is."""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.errors import BadRequest
from chalicelib.policy import Policy
from chalicelib.prompts import drafts, languages, load, missing

TOUCHED = frozenset({"mode", "languages", "draft_languages"})


def complete(changes: Mapping[str, Any]) -> None:
    """Raises BadRequest for a language there are no texts in, or not all of them, or no voice for the house's."""
    for name, codes in (
        ("languages", changes.get("languages", ())),
        ("default_language", (changes.get("default_language", "sv"),)),
        ("queue_languages", changes.get("queue_languages", {})),
    ):
        values = codes.values() if isinstance(codes, Mapping) else codes
        for code in values if isinstance(values, Iterable) else ():
            if code not in languages():
                raise BadRequest(name, f"there are texts in {', '.join(languages())} only")
            if lacks := missing(code):
                raise BadRequest(name, f"{code} is not complete: {', '.join(lacks[:3])} …")
            if name == "default_language" and not load(code).voice:
                told = f"{code} has no synthetic voice: on some lines nobody could say anything"
                raise BadRequest(name, told)


def reviewed(changes: Mapping[str, Any], policy: Policy) -> None:
    """Raises BadRequest when callers at large would meet a draft that nobody has accepted as one.

    Other changes pass: a kill switch is never refused for a draft.
    """
    unread = set(drafts(policy.languages)) - set(policy.draft_languages)
    if policy.mode == "live" and unread and changes.keys() & TOUCHED:
        told = f"nobody has reviewed {', '.join(sorted(unread))}: have it read, or name it in draft_languages"
        raise BadRequest("languages", told)
