"""JSON as it ought to be sent: an object, in UTF-8, each name once, no NaN, no bottomless nesting."""

import json
from typing import NoReturn

from chalicelib.errors import BadRequest


def document(body: bytes) -> dict[str, object]:
    """The object in `body`; `BadRequest("body", …)` for anything else."""
    try:
        found = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_once,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError as error:
        raise BadRequest("body", "is not UTF-8") from error
    except RecursionError as error:
        raise BadRequest("body", "is nested too deeply") from error
    except ValueError as error:  # malformed, or an integer of thousands of digits
        raise BadRequest("body", "is not valid JSON") from error
    if not isinstance(found, dict):
        raise BadRequest("body", "must be a JSON object")
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BadRequest("body", "names a field twice")
    return found


def _no_constant(constant: str) -> NoReturn:
    raise BadRequest("body", f"holds {constant}, which is not JSON")
