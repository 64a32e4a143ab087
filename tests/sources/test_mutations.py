"""Every recorded message, spoilt in thousands of ways, becomes a well-formed call or a named refusal."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.sources.check import check
from infra.sources.recorded import Recorded, read
from tests.sources.mutations import scratched, spoilt, thorough

FIXTURES = Path(__file__).parents[1] / "fixtures"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
CALL = {
    "call_id": "c-81f2",
    "caller": "+46701740612",
    "ended_at": "2026-11-21T10:02:41+01:00",
    "queue": "residence-permits",
    "language": "sv-SE",
    "talk_seconds": 420,
    "attributes": {"topic": "extension"},
}
TASK = {
    "EventType": "task.completed",
    "TaskSid": "WT00000000000000000000000000000001",
    "TaskQueueName": "permits",
    "TimestampMs": "1795255361000",
    "TaskAttributes": '{"call_sid": "CA00000000000000000000000000000001", "from": "+46701740612"}',
}
MESSAGES = {
    "calls": [json.dumps({"body": CALL}).encode()],
    "flex": [json.dumps({"raw_body": urlencode(TASK)}).encode()],
    **{
        source: [path.read_bytes() for path in sorted((FIXTURES / source).glob(pattern))]
        for source, pattern in [
            ("twilio", "voice_*.json"),
            ("amazon_connect", "*.json"),
            ("genesys_cloud", "*.json"),
            ("freeswitch", "*.json"),
            ("asterisk", "*.json"),
            ("zoom_phone", "*.json"),
            ("3cx", "*.json"),
        ]
    },
}
# The recorded status callbacks are all of calls that were made: the same, of calls that came in.
MESSAGES["twilio"] += [
    each.replace(b"Direction=outbound-api", b"Direction=inbound") for each in MESSAGES["twilio"]
]
FORMS = ("twilio", "flex", "3cx")


def well_formed(result: dict[str, Any]) -> bool:
    """A call as the service needs it, or a reason that names no number."""
    if result["call_ended"] is None:
        return bool(result["refused"]) and not re.search(r"\d{7}", result["refused"])
    call = result["call_ended"]
    json.dumps(call, ensure_ascii=False).encode()
    return (
        re.fullmatch(r"[A-Za-z0-9._:@-]{1,128}", call["call_id"]) is not None
        and call["ended_at"].endswith("+00:00")
        and call["direction"] in ("inbound", "outbound", "internal")
        and isinstance(call["answered"], bool)
        and all(len(call[name]) <= 64 for name in ("queue", "team", "agent"))
        and (call["talk_seconds"] is None or call["talk_seconds"] >= 0)
        and (call["wait_seconds"] is None or call["wait_seconds"] >= 0)
    )


def originals(source: str) -> list[Recorded]:
    return [read(content) for content in MESSAGES[source]]


@pytest.mark.parametrize("source", sorted(MESSAGES))
def test_every_recorded_message_is_understood_as_it_came(source: str) -> None:
    assert originals(source)
    assert all(well_formed(check(source, recorded, STOCKHOLM)) for recorded in originals(source))


@pytest.mark.parametrize("source", sorted(MESSAGES))
@thorough
@given(data=st.data())
def test_a_scratched_body_never_fails_otherwise_than_by_name(source: str, data: st.DataObject) -> None:
    recorded = data.draw(st.sampled_from(originals(source)))
    changed = Recorded(data.draw(scratched(recorded.body)), recorded.looked_up)
    assert well_formed(check(source, changed, STOCKHOLM))


@pytest.mark.parametrize("source", sorted(set(MESSAGES) - set(FORMS)))
@thorough
@given(data=st.data())
def test_a_spoilt_json_message_never_fails_otherwise_than_by_name(source: str, data: st.DataObject) -> None:
    recorded = data.draw(st.sampled_from(originals(source)))
    changed = data.draw(spoilt(json.loads(recorded.body)))
    assert well_formed(check(source, Recorded(json.dumps(changed).encode(), recorded.looked_up), STOCKHOLM))


@pytest.mark.parametrize("source", ["twilio", "flex"])
@thorough
@given(data=st.data())
def test_a_spoilt_form_never_fails_otherwise_than_by_name(source: str, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(originals(source))).form()
    changed = {name: str(value) for name, value in data.draw(spoilt(form)).items()}
    body = urlencode(changed, errors="replace").encode()
    assert well_formed(check(source, Recorded(body), STOCKHOLM))
