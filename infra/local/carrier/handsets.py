"""The handsets' control API for scripts and for their own page: `/phones/api/…`, JSON in and out."""

from dataclasses import replace
from typing import Any, get_args

from flask import Blueprint, abort, request

from . import centre, phone, texts, views
from .centre import Json
from .here import carrier
from .model import FINAL_CALL, Behaviour, Call, Handset, Kind
from .network import Refused, check_number, is_landline

api = Blueprint("handsets", __name__, url_prefix="/phones/api")
KEYS = frozenset("0123456789*#")


@api.errorhandler(Refused)
def refused(error: Refused) -> tuple[Json, int]:
    return {"detail": str(error)}, 422


@api.get("/numbers")
def numbers() -> Json:
    network = carrier().network
    handsets = [views.handset_json(handset) for handset in network.snapshot().handsets]
    return {"version": network.version, "survey_number": carrier().settings.number, "numbers": handsets}


@api.post("/numbers")
def add_number() -> tuple[Json, int]:
    handset = _handset(_body())
    carrier().network.keep(handset)
    return views.handset_in_full(carrier(), handset.number), 201


@api.get("/numbers/<number>")
def one_number(number: str) -> Json | tuple[str, int]:
    """A handset with its texts and its call; 204 when nothing changed since version `after`."""
    check_number(number)
    version = carrier().network.version
    if request.args.get("after", type=int) == version:
        return "", 204
    return views.handset_in_full(carrier(), number) | {"version": version}


@api.post("/numbers/<number>/texts")
def write(number: str) -> Json:
    """Write a text on the handset; answers with the texts that came back at once."""
    check_number(number)
    replies = texts.write(carrier(), number, str(_body().get("body", "")))
    return {"replies": [views.text_json(reply) for reply in replies]}


@api.post("/numbers/<number>/ring")
def ring(number: str) -> Json:
    """Ring the survey number from the handset."""
    check_number(number)
    if _open_call(number):
        abort(409, "this handset is on a call already")
    return _shown(phone.ring_service(carrier(), number))


@api.post("/numbers/<number>/answer")
def answer(number: str) -> Json:
    return _shown(phone.answer(carrier(), _call(number).sid))


@api.post("/numbers/<number>/press")
def press(number: str) -> Json:
    digits = str(_body().get("digits", ""))
    if not digits or set(digits) - KEYS:
        abort(422, "digits: keys of a phone, 0-9 * #")
    return _shown(phone.press(carrier(), _call(number).sid, digits))


@api.post("/numbers/<number>/say")
def say(number: str) -> Json:
    """Words are spoken, as the carrier would write them down."""
    words = str(_body().get("words", "")).strip()
    if not words:
        abort(422, "words: what is said")
    return _shown(phone.say(carrier(), _call(number).sid, words))


@api.post("/numbers/<number>/silence")
def silence(number: str) -> Json:
    """Nobody presses a key: the wait named by `turn` (else the present one) is over."""
    turn = _body().get("turn")
    return _shown(phone.stay_silent(carrier(), _call(number).sid, turn if isinstance(turn, int) else None))


@api.post("/numbers/<number>/hangup")
def hang_up(number: str) -> Json:
    return _shown(phone.hang_up(carrier(), _call(number).sid))


@api.post("/calls")
def end_call() -> tuple[Json, int]:
    """A call with the contact centre ends. `handover`: the caller stays on the line for the survey."""
    wanted, now = _body(), carrier().network.now()
    if wanted.get("handover"):
        number, talked = str(wanted.get("number", "")), wanted.get("talk_seconds")
        check_number(number)
        return _shown(phone.hand_over(carrier(), number, talked if isinstance(talked, int) else 240)), 200
    told = centre.tell(carrier().settings, centre.ended_call(wanted, now), now)
    return told.as_json(), 200 if told.status else 502


@api.get("/log")
def log() -> Json:
    return views.log_json(carrier())


@api.get("/messages")
def messages() -> Json:
    return {"messages": views.messages_json(carrier())}


@api.get("/errors")
def errors() -> Json:
    """What Twilio's debugger would show."""
    return {"errors": views.notices_json(carrier())}


@api.post("/settle")
def settle() -> Json:
    """Wait, `seconds` at the most, until nothing is on its way any more."""
    return {"settled": carrier().later.settle(float(str(_body().get("seconds", 10))))}


@api.post("/reset")
def reset() -> tuple[str, int]:
    carrier().reset()
    return "", 204


def _shown(call: Call) -> Json:
    return {"call": views.call_json(call)}


def _body() -> Json:
    body = request.get_json(silent=True) if request.content_length else {}
    if not isinstance(body, dict):
        abort(422, "the body: a JSON object, sent as application/json")
    return body


def _handset(wanted: Json) -> Handset:
    """The handset asked for: a new one, or changes to one that is there."""
    number = str(wanted.get("number", ""))
    check_number(number)
    before = carrier().network.handsets.get(number)
    before = before or Handset(number, "landline" if is_landline(number) else "mobile")
    known = ("kind", "behaviour", "label", "language", "shown")
    changes: dict[str, Any] = {name: wanted[name] for name in known if name in wanted}
    for name, words in (("kind", get_args(Kind)), ("behaviour", get_args(Behaviour))):
        if changes.get(name, words[0]) not in words:
            abort(422, f"{name}: one of {', '.join(words)}")
    return replace(before, **changes)


def _open_call(number: str) -> Call | None:
    call = carrier().network.call_of(number)
    return call if call and call.status not in FINAL_CALL else None


def _call(number: str) -> Call:
    call = _open_call(number)
    if call is None:
        abort(409, "no call on this handset")
    return call
