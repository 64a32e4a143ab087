"""3CX call detail records: one line per call, in the default order of columns or under a line naming them.

    Call 288831,4cc2c72490010000_26808,00:00:25,2024/06/17 05:59:49,2024/06/17 05:59:58,2024/06/17 06:00:23,…

The exchange writes its own wall clock without a zone: the zone is a setting. Columns: 3CX manual, "CDR".
"""

import csv
import io
from collections.abc import Mapping
from datetime import datetime, tzinfo

from chalicelib.errors import BadRequest
from chalicelib.events import CallEnded
from chalicelib.sources import fields, foreign

HEADER = (
    "historyid,callid,duration,time_start,time_answered,time_end,reason_terminated,"
    "from_no,to_no,from_dn,to_dn,dial_no,reason_changed,final_number,final_dn,"
    "bill_code,bill_rate,bill_cost,bill_name,chain,from_type,to_type,final_type,"
    "from_dispname,to_dispname,final_dispname,missed_queue_calls"
)
CLOCK = "%Y/%m/%d %H:%M:%S"
OUTSIDE = ("line", "externalline", "outsideline", "bridge", "provider")
NOBODY = ("voicemail", "vmail", "ivr", "queue", "ringgroup", "fax", "specialmenu")  # ended up with a machine


def parse(body: bytes, zone: tzinfo) -> CallEnded:
    row = _row(body)
    ended_at = foreign.local(row.get("time_end"), "time_end", CLOCK, zone)
    started_at, person = (_clock(row, name, zone) for name in ("time_start", "time_answered"))
    to_queue = _kind(row, "to_type") == "queue"
    return CallEnded(
        call_id=fields.call_id(row.get("callid"), "callid"),
        caller=foreign.phone(row.get("from_no")),
        ended_at=ended_at,
        started_at=started_at,
        direction=_direction(row),
        answered=person is not None and _kind(row, "final_type") not in NOBODY,
        queue=foreign.label(row.get("to_dispname") or row.get("to_dn")) if to_queue else "",
        agent=foreign.label(row.get("final_dn")),
        wait=foreign.between(started_at, person),
        talk=foreign.between(person, ended_at),
        chain=_chain(row),
    )


def _row(body: bytes) -> Mapping[str, str]:
    try:
        text = body.decode("utf-8-sig").strip("\r\n")
        if "callid" not in text.partition("\n")[0]:
            text = f"{HEADER}\n{text}"
        header, *rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise BadRequest("body", "is not UTF-8") from error
    except csv.Error as error:
        raise BadRequest("body", "is not a line of comma-separated values") from error
    if len(rows) != 1 or len(rows[0]) < len(header):
        raise BadRequest("body", f"must be one call of {len(header)} columns")
    return {name.strip().replace("-", "_"): cell for name, cell in zip(header, rows[0], strict=False)}


def _clock(row: Mapping[str, str], field: str, zone: tzinfo) -> datetime | None:
    return foreign.local(row[field], field, CLOCK, zone) if row.get(field) else None


def _kind(row: Mapping[str, str], field: str) -> str:
    return row.get(field, "").replace("_", "").lower()


def _direction(row: Mapping[str, str]) -> str:
    if _kind(row, "from_type") in OUTSIDE:
        return "inbound"
    return "outbound" if _kind(row, "to_type") in OUTSIDE else "internal"


def _chain(row: Mapping[str, str]) -> tuple[str, ...]:
    """`Chain: +46701740612;Ext.800;Ext.810;Ext.1001;`: what lay between the caller and who took the call last."""
    inside = [each.strip() for each in row.get("chain", "").removeprefix("Chain:").split(";")]
    extensions = [foreign.label(each[4:]) for each in inside if each.startswith("Ext.")]
    return tuple(extensions[:-1][:16]) if len(extensions) > 2 else ()
