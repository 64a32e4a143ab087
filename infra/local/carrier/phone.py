"""Phone calls: ringing, answering, hanging up, and the reports about them. What is said on them: `script.py`."""

from dataclasses import replace
from functools import partial
from typing import Any

from . import forms, script
from .carrier import Carrier
from .faults import Fault
from .model import FINAL_CALL, Call, fresh_sid
from .network import Refused, check_number
from .webhooks import Form

EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}  # all others: completed
RING_STEPS = 20  # an unattended phone rings for this many steps of the carrier's pace
MACHINE = {"DetectMessageEnd": "machine_end_beep", "Enable": "machine_start"}


def place(carrier: Carrier, wanted: Call, fault: Fault | None) -> Call:
    """Take an order to ring a handset, or raise Refused. It is on disk when this returns."""
    check_number(wanted.to)
    if not wanted.url.startswith(("http://", "https://")):
        raise Refused(21205, "Url parameter is required")
    carrier.network.handset(wanted.to)
    call = replace(wanted, fate=fault.do if fault else "")
    carrier.network.keep(call)
    carrier.network.flush()
    if call.fate != "drop":
        wait = fault.seconds if fault and fault.do == "delay" else 0.0
        carrier.later.run(wait + carrier.settings.pace, partial(ring, carrier, call.sid))
    return call


def ordered(carrier: Carrier, to: str, url: str, **wishes: Any) -> Call:
    """A call as the service orders it, before anything has happened; `wishes` are fields of Call."""
    now = carrier.network.now()
    return Call(
        fresh_sid("CA"), "outbound-api", to, carrier.settings.voice_number, "queued", now, url, **wishes
    )


def ring(carrier: Carrier, sid: str) -> None:
    """Let the handset ring, and do what a handset left to itself does."""
    call = carrier.network.calls.get(sid)
    if call is None or call.status not in ("queued", "ringing"):
        return
    handset, pace = carrier.network.handset(call.to), carrier.settings.pace
    going_on = carrier.network.call_of(call.to)
    engaged = going_on is not None and going_on.sid != sid and going_on.status not in FINAL_CALL
    if call.status == "queued":
        report(carrier, replace(call, status="initiated"))
        _move(carrier, sid, "ringing")
    if call.fate.startswith("failed"):
        end(carrier, sid, "failed")
    elif handset.behaviour == "busy" or engaged:
        carrier.later.run(pace, partial(end, carrier, sid, "busy"))
    elif handset.behaviour == "no_answer":
        carrier.later.run(min(pace * RING_STEPS, call.timeout), partial(_give_up, carrier, sid))
    elif handset.behaviour == "answers":
        carrier.later.run(call.timeout, partial(_give_up, carrier, sid), patient=True)
    else:
        carrier.later.run(pace, partial(answer, carrier, sid))


def _give_up(carrier: Carrier, sid: str) -> None:
    call = carrier.network.calls.get(sid)
    if call and call.status == "ringing":
        end(carrier, sid, "no-answer")


def answer(carrier: Carrier, sid: str) -> Call:
    """The handset is picked up: the service says what is to be said."""
    with carrier.turns[sid]:
        call = carrier.network.calls[sid]
        if call.status != "ringing":
            return call
        machine = carrier.network.handset(call.to).behaviour == "machine"
        heard = MACHINE.get(call.detection or "", "") if machine else "human"
        changes = {"answered_at": carrier.network.now(), "answered_by": heard if call.detection else None}
        carrier.network.update_call(sid, **changes)
        call = _move(carrier, sid, "in-progress")
        script.fetch(carrier, call, call.url, forms.voice(carrier.settings, call))
    return after_script(carrier, sid)


def ring_service(carrier: Carrier, number: str) -> Call:
    """Somebody rings the survey number from a handset."""
    carrier.network.handset(number)
    now, to = carrier.network.now(), carrier.settings.number
    call = Call(fresh_sid("CA"), "inbound", to, number, "ringing", now, carrier.settings.voice_url)
    call = replace(call, callback=carrier.settings.call_status_url)
    carrier.network.keep(call)
    with carrier.turns[call.sid]:
        first = forms.voice(carrier.settings, call)
        carrier.network.update_call(call.sid, status="in-progress", answered_at=now)
        script.fetch(carrier, call, call.url, first)
    return after_script(carrier, call.sid)


def hand_over(carrier: Carrier, number: str, talked_seconds: int) -> Call:
    """An agent hangs up and the caller stays on the line: `<Dial action>` asks the service what comes next."""
    carrier.network.handset(number)
    now, to = carrier.network.now(), carrier.settings.number
    call = Call(
        fresh_sid("CA"), "inbound", to, number, "in-progress", now, carrier.settings.voice_url,
        carrier.settings.call_status_url, answered_at=now, talked_seconds=talked_seconds,
    )  # fmt: skip
    carrier.network.keep(call)
    with carrier.turns[call.sid]:
        script.fetch(carrier, call, call.url, forms.handed_over(carrier.settings, call, fresh_sid("CA")))
    return after_script(carrier, call.sid)


def press(carrier: Carrier, sid: str, digits: str) -> Call:
    """Keys are pressed one after another; each goes to whatever waits for it by then, or is lost."""
    for digit in digits:
        with carrier.turns[sid]:
            script.press(carrier, sid, digit)
    return after_script(carrier, sid)


def say(carrier: Carrier, sid: str, words: str) -> Call:
    """Words are spoken to whatever listens; or to nobody."""
    with carrier.turns[sid]:
        script.say(carrier, sid, words)
    return after_script(carrier, sid)


def stay_silent(carrier: Carrier, sid: str, turn: int | None) -> Call:
    """Nobody presses anything (more). `turn` names the Gather meant, so that a late silence ends no other."""
    with carrier.turns[sid]:
        call = carrier.network.calls[sid]
        if turn is None or turn == call.turn:
            script.silence(carrier, call)
    return after_script(carrier, sid)


def hang_up(carrier: Carrier, sid: str) -> Call:
    """The handset hangs up; one that only rings is declined."""
    with carrier.turns[sid]:
        call = carrier.network.calls[sid]
        if call.status in ("ringing", "in-progress"):
            end(carrier, sid, "busy" if call.status == "ringing" else "completed")
        return carrier.network.calls[sid]


def end(carrier: Carrier, sid: str, status: str) -> None:
    """The call is over, unless it was before. A call canceled while queued is reported to nobody."""
    with carrier.turns[sid]:
        call = carrier.network.calls[sid]
        if call.status in FINAL_CALL:
            return
        quiet = call.status == "queued" and status == "canceled"
        carrier.network.update_call(sid, ended_at=carrier.network.now(), waiting=False)
        _move(carrier, sid, status, quiet)


def after_script(carrier: Carrier, sid: str) -> Call:
    """Hang up when nothing is left to say; see to it that a silent phone does not keep the line for ever."""
    with carrier.turns[sid]:
        call = carrier.network.calls[sid]
        if call.status == "in-progress" and not call.waiting:
            end(carrier, sid, "completed")
            call = carrier.network.calls[sid]
    if call.waiting:
        alone = carrier.network.handset(call.caller).behaviour in ("machine", "silent")
        patience = carrier.settings.pace if alone else script.patience(call)
        carrier.later.run(patience, partial(stay_silent, carrier, sid, call.turn), patient=not alone)
    return call


def _move(carrier: Carrier, sid: str, status: str, quiet: bool = False) -> Call:
    call = carrier.network.update_call(sid, status=status)
    if not quiet:
        report(carrier, call)
    return carrier.network.calls[sid]


def report(carrier: Carrier, call: Call) -> None:
    """Tell the service of the call's new status, where it asked to be told; on another thread, in no sure order."""
    if call.callback and EVENTS.get(call.status, "completed") in call.events and call.fate != "no_receipt":
        form, url = forms.call_status(carrier.settings, call, call.status), call.callback
        carrier.later.run(carrier.settings.pace, lambda: _tell(carrier, url, form))
    carrier.network.update_call(call.sid, sequence=call.sequence + 1)


def _tell(carrier: Carrier, url: str, form: Form) -> None:
    carrier.post("call-status", url, form)
