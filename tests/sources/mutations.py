"""Recorded messages, spoilt at random: what a careless or hostile sender might post."""

import copy
import os
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# The suite tries a hundred of each; MUTATIONS=100000 is the long run.
thorough = settings(
    max_examples=int(os.environ.get("MUTATIONS", "100")),
    deadline=None,
    derandomize="MUTATIONS" not in os.environ,
    suppress_health_check=list(HealthCheck),
    database=None,
)

ODD: list[Any] = [
    *(None, True, False, 0, -1, 1.5, float("inf"), 10**400, "", " ", "0", "-1", "1e9", "9" * 30, "a" * 300),
    *(
        "+46701740612",
        "tel:+46701740612",
        "sip:ann@pbx.example",
        "anonymous",
        "Ext.1001",
        "\x00",
        "\ud800",
        "٣",
    ),
    *("2026-11-21T10:02:41Z", "2026-11-21T10:02:41", "2026-03-29 02:30:00", "0001-01-01T00:00:00+14:00"),
    *("2026/03/29 02:30:00", "9999/12/31 23:59:59", "0001/01/01 00:00:00", "1521025788", "253402300800"),
    *([], {}, [None], [[]], {"": ""}, {"survey_language": 7}),
]
ODD_VALUES = st.sampled_from(ODD) | st.text(max_size=12) | st.integers() | st.floats()


def _places(message: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path into the message, the message itself left out."""
    inside = (
        message.items()
        if isinstance(message, dict)
        else enumerate(message)
        if isinstance(message, list)
        else ()
    )
    return [place for key, value in inside for place in [(*path, key), *_places(value, (*path, key))]]


@st.composite
def spoilt(draw: st.DrawFn, message: Mapping[str, Any]) -> dict[str, Any]:
    """`message` with one to four places replaced, removed, renamed or doubled."""
    changed: Any = copy.deepcopy(dict(message))
    for _ in range(draw(st.integers(1, 4))):
        places = _places(changed)
        if not places:
            break
        *path, last = draw(st.sampled_from(places))
        inside = changed
        for step in path:
            inside = inside[step]
        how = draw(st.sampled_from(["replace", "replace", "remove", "rename", "double"]))
        value = inside[last]
        if how == "replace":
            inside[last] = draw(ODD_VALUES)
        elif how == "double":
            inside[last] = [value, value]
        else:
            del inside[last]
            if how == "rename" and isinstance(inside, dict):
                inside[draw(st.sampled_from([str(last).upper(), str(last).lower(), "unheard_of"]))] = value
    return dict(changed)


@st.composite
def scratched(draw: st.DrawFn, body: bytes) -> bytes:
    """`body` with a few bytes cut out, put in, or turned."""
    changed = bytearray(body)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(changed) - 1)))
        changed[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(changed)
