"""`python -m infra.sources check SOURCE FILE` prints what one recorded message becomes."""

import json
from pathlib import Path

import pytest

from infra.sources.__main__ import main

FIXTURES = Path(__file__).parents[1] / "fixtures"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert main(["check", *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    found: dict[str, object] = json.loads(lines[0])
    assert set(found) == {"call_ended", "refused"}
    return found


def test_a_recorded_event_becomes_a_call(capsys: pytest.CaptureFixture[str]) -> None:
    path = FIXTURES / "zoom_phone" / "callee_ended.json"
    found = printed(capsys, "zoom_phone", str(path))
    assert found["refused"] is None
    assert isinstance(found["call_ended"], dict)
    assert found["call_ended"]["ended_at"] == "2023-01-01T12:05:00+00:00"
    assert found["call_ended"]["talk_seconds"] == 295


def test_a_recorded_form_is_refused_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    path = FIXTURES / "twilio" / "voice_status_completed_human.json"
    assert printed(capsys, "twilio", str(path)) == {
        "call_ended": None,
        "refused": "not an inbound call: outbound-api",
    }


def test_raw_bodies_are_read_as_they_are(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b'{"call_id": "c-1", "caller": null, "ended_at": "2026-11-21T10:02:41+01:00"}')
    assert printed(capsys, "calls", str(body))["refused"] is None
    body.write_bytes(b"\xff")
    assert printed(capsys, "calls", str(body))["refused"] == "body: is not UTF-8"


def test_what_can_be_looked_up_may_lie_beside_the_event(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    recorded = json.loads((FIXTURES / "amazon_connect" / "eventbridge_disconnected.json").read_text())
    id = recorded["event"]["detail"]["contactId"]
    recorded["describe"] = {id: {"Id": id, "CustomerEndpoint": {"Address": "+46701740612"}}}
    path = tmp_path / "event.json"
    path.write_text(json.dumps(recorded))
    call = printed(capsys, "amazon_connect", str(path))["call_ended"]
    assert isinstance(call, dict)
    assert call["caller"] == "+46701740612"


def test_the_zone_of_local_times_is_a_setting(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(FIXTURES / "3cx" / "cdr_line.json")
    call = printed(capsys, "3cx", path, "--zone", "America/New_York")["call_ended"]
    assert isinstance(call, dict)
    assert call["ended_at"] == "2024-06-17T10:00:23+00:00"


@pytest.mark.parametrize(
    "arguments", [["fax", __file__], ["calls", "/nowhere"], ["calls", __file__, "--zone", "Mars/Olympus"]]
)
def test_a_wrong_argument_is_explained(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["check", *arguments])
    assert left.value.code == 2
    assert "error: argument" in capsys.readouterr().err
