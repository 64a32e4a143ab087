"""FreeSWITCH `mod_json_cdr`: one record per leg at its end, every value a string.

    {"variables": {"uuid": "5a3a1d91-…", "direction": "inbound", "end_epoch": "1521025788"},
     "callflow": [{"profile_index": "1", "caller_profile": {"caller_id_number": "%2B46701740612"}, "times": {…}}]}

`*_stamp` is local time without a zone and is not read; `*_epoch` is UTC; "0" means never. With `encode-values`
(its default) each value is percent-encoded; with `encode` the whole is, as a form: `cdr=%7B%22…`.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from urllib.parse import parse_qs, unquote

from chalicelib.events import CallEnded
from chalicelib.sources import NotACall, fields, foreign, hints, strict
from chalicelib.sources.foreign import at

DIRECTIONS = {"inbound": "inbound", "outbound": "outbound", "local": "internal"}  # FusionPBX's call_direction


def parse(body: bytes, _zone: tzinfo) -> CallEnded | NotACall:
    if body.startswith(b"cdr="):
        body = parse_qs(body.decode("utf-8", "replace")).get("cdr", [""])[0].encode()
    record = strict.document(body)
    variables = _decoded(at(record, "variables"))
    if at(variables, "originating_leg_uuid") or at(variables, "originator"):
        return NotACall("the dialled leg of another call")
    call_id = fields.call_id(at(variables, "uuid"), "variables.uuid")
    ended_at = foreign.epoch(at(variables, "end_epoch"), "variables.end_epoch")
    person, started_at = _person_since(variables, _callflow(record)), _epoch(at(variables, "start_epoch"))
    waiting_since = _epoch(at(variables, "cc_queue_joined_epoch")) or started_at
    direction = foreign.label(at(variables, "call_direction") or at(variables, "direction"))
    ended = CallEnded(
        call_id=call_id,
        caller=_caller(variables, _callflow(record)),
        ended_at=ended_at,
        started_at=started_at,
        direction=DIRECTIONS.get(direction, "inbound"),
        answered=person is not None,
        queue=foreign.label(at(variables, "cc_queue")).partition("@")[0],
        agent=foreign.label(at(variables, "cc_agent")).partition("@")[0],
        wait=foreign.between(waiting_since, person),
        talk=foreign.between(person, ended_at),
    )
    return hints.apply(ended, variables)


def _person_since(variables: object, callflow: list[object]) -> datetime | None:
    """When a person came on the line. `answer_epoch` alone will not do: a queue answers, then plays music."""
    if foreign.count(at(variables, "answer_epoch")) == 0:
        return None
    if at(variables, "cc_queue"):
        return _epoch(at(variables, "cc_queue_answered_epoch"))
    if bridged := _epoch(at(variables, "bridge_epoch")):
        return bridged
    micros = [foreign.count(at(profile, "times", "bridged_time")) for profile in callflow]
    return _epoch(max((each for each in micros if each), default=0) // 1_000_000)


def _caller(variables: object, callflow: list[object]) -> str | None:
    """Who rang at first: transfers put newer profiles beside the oldest one."""
    if foreign.label(at(variables, "privacy_hide_number")).lower() in ("true", "yes"):
        return None
    profiles = sorted(callflow, key=lambda profile: foreign.count(at(profile, "profile_index")) or 0)
    shown = _plain(at(profiles[0], "caller_profile", "caller_id_number")) if profiles else None
    if isinstance(shown, str) and fields.caller(shown) is None:
        return None  # withheld: what the signalling still knows is not ours to use
    return foreign.phone(shown) or foreign.phone(at(variables, "sip_from_user"))


def _callflow(record: object) -> list[object]:
    callflow = at(record, "callflow")
    return callflow if isinstance(callflow, list) else []


def _decoded(variables: object) -> dict[str, object]:
    known = variables.items() if isinstance(variables, Mapping) else ()
    return {name: _plain(value) for name, value in known}


def _plain(value: object) -> object:
    return unquote(value) if isinstance(value, str) else value


def _epoch(value: object) -> datetime | None:
    return foreign.epoch(value, "epoch") if foreign.count(value) else None
