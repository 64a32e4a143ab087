"""3CX: a line per call, on the exchange's own wall clock."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chalicelib.errors import BadRequest
from chalicelib.events import CallEnded
from chalicelib.sources.three_cx import parse

RECORDED = json.loads((Path(__file__).parents[1] / "fixtures" / "3cx" / "cdr_line.json").read_text())
STOCKHOLM = ZoneInfo("Europe/Stockholm")
INBOUND = dict(zip(RECORDED["columns"], RECORDED["raw"].strip().split(","), strict=True)) | {
    "from_no": "+46701740612",
    "from_dn": "10020",
    "from_type": "Line",
    "to_no": "Ext.800",
    "to_dn": "800",
    "to_type": "Queue",
    "to_dispname": "permits",
    "final_dn": "1001",
    "final_type": "Extension",
    "chain": "Chain: +46701740612;Ext.810;Ext.800;Ext.1001;",
}


def line(**changed: str) -> bytes:
    return ",".join((INBOUND | changed).values()).encode() + b"\r\n"


def test_the_recorded_line_is_an_outbound_call_in_the_exchanges_zone() -> None:
    call = parse(RECORDED["raw"].encode(), STOCKHOLM)
    assert call == CallEnded(
        call_id="4cc2c72490010000_26808",
        caller=None,
        ended_at=datetime(2024, 6, 17, 4, 0, 23, tzinfo=UTC),
        started_at=datetime(2024, 6, 17, 3, 59, 49, tzinfo=UTC),
        direction="outbound",
        agent="10020",
        wait=timedelta(seconds=9),
        talk=timedelta(seconds=25),
    )
    assert parse(RECORDED["raw"].encode(), ZoneInfo("UTC")).ended_at.hour == 6


def test_a_call_from_outside_through_two_queues_keeps_the_last_and_the_chain() -> None:
    call = parse(line(), STOCKHOLM)
    assert (call.direction, call.caller, call.answered) == ("inbound", "+46701740612", True)
    assert (call.queue, call.agent, call.chain) == ("permits", "1001", ("810", "800"))


def test_a_line_of_column_names_changes_their_order() -> None:
    turned = dict(reversed(INBOUND.items()))
    body = ",".join(turned) + "\r\n" + ",".join(turned.values())
    assert parse(body.encode(), STOCKHOLM) == parse(line(), STOCKHOLM)


def test_names_written_with_hyphens_are_the_same_columns() -> None:
    body = ",".join(INBOUND).replace("_", "-").encode() + b"\n" + line()
    assert parse(body, STOCKHOLM) == parse(line(), STOCKHOLM)


@pytest.mark.parametrize(
    "changed", [{"time_answered": ""}, {"final_type": "VoiceMail"}, {"final_type": "IVR"}]
)
def test_a_call_no_person_took_is_unanswered(changed: dict[str, str]) -> None:
    assert not parse(line(**changed), STOCKHOLM).answered


def test_a_call_between_extensions_is_internal() -> None:
    call = parse(line(from_no="Ext.1002", from_type="Extension"), STOCKHOLM)
    assert (call.direction, call.caller) == ("internal", None)


@pytest.mark.parametrize("number", ["Anonymous", "", "Ext.1002", "1002"])
def test_who_shows_no_number_has_none(number: str) -> None:
    assert parse(line(from_no=number), STOCKHOLM).caller is None


@pytest.mark.parametrize(
    "changed, field",
    [
        ({"callid": ""}, "callid"),
        ({"callid": "4cc2/268"}, "callid"),
        ({"time_end": ""}, "time_end"),
        ({"time_end": "17.06.2024 06:00"}, "time_end"),
        ({"time_end": "2024/03/31 02:30:00"}, "time_end: never was on a clock in Europe/Stockholm"),
        ({"time_start": "yesterday"}, "time_start"),
    ],
)
def test_a_call_nobody_could_name_or_date_is_refused(changed: dict[str, str], field: str) -> None:
    with pytest.raises(BadRequest, match=f"^{field}"):
        parse(line(**changed), STOCKHOLM)


@pytest.mark.parametrize("body", [b"", b"\r\n", b"Call 1,2,3", line() + line(), b"\xff", b'"open', b"\x00"])
def test_what_is_not_one_line_of_columns_is_refused_as_the_body(body: bytes) -> None:
    with pytest.raises(BadRequest, match=r"^body: "):
        parse(body, STOCKHOLM)
