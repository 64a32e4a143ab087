"""One recorded message: a raw body as it came over the wire, or a JSON file that wraps it and says where it is from.

{"raw_body": "CallSid=CA…"}     a form or any other text; "params": [["CallSid", "CA…"], …] is the same form
{"event": {"detail": {…}}}      an EventBridge event; beside it "describe": {"<id>": {…}}, what can be looked up
{"body": {…}}                   a JSON body; "record": {…} a contact record
{"raw": "…", "columns": […]}    a line, and the names of its columns
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode


@dataclass(frozen=True, slots=True)
class Recorded:
    """`body` is what a webhook would get; `looked_up` what the system would answer when asked about it."""

    body: bytes
    looked_up: Mapping[str, object] = field(default_factory=dict)

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


def read(content: bytes) -> Recorded:
    wrapper = _wrapper(content)
    looked_up = wrapper.get("describe")
    body = _unwrapped(wrapper)
    return Recorded(
        body=content if body is None else body,
        looked_up=looked_up if isinstance(looked_up, dict) else {},
    )


def _wrapper(content: bytes) -> dict[str, object]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}  # no JSON, so no wrapper: the adapter says what is wrong with it
    return found if isinstance(found, dict) else {}


def _unwrapped(wrapper: Mapping[str, object]) -> bytes | None:
    """The payload inside; None when the file is the payload itself."""
    for name in ("raw_body", "event", "body", "record", "raw", "params"):
        match wrapper.get(name):
            case str(text) if name in ("raw_body", "body", "raw"):
                return _under_columns(text, wrapper.get("columns")).encode()
            case dict(message):
                return json.dumps(message).encode()
            case list(pairs) if name == "params":
                return urlencode([(str(key), str(value)) for key, value in pairs]).encode()
    return None


def _under_columns(text: str, columns: object) -> str:
    return ",".join(map(str, columns)) + "\n" + text if isinstance(columns, list) else text
