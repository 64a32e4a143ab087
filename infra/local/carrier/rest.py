"""Twilio's REST API 2010-04-01 over the network, as far as the service uses it, faults included."""

import base64
import hmac
import socket
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from flask import Blueprint, Response, jsonify, request

from . import orders, phone, records, texts
from .faults import Fault
from .here import carrier
from .model import FINAL_CALL
from .network import Refused
from .records import Json

api = Blueprint("rest", __name__, url_prefix="/2010-04-01/Accounts")


@api.before_request
def check_account() -> None:
    settings = carrier().settings
    credentials = f"{settings.account_sid}:{settings.auth_token}".encode()
    given = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(given, b"Basic " + base64.b64encode(credentials)):
        raise Refused(20003, "Authenticate", 401)
    if (request.view_args or {}).pop("account") != settings.account_sid:
        raise orders.not_found()


@api.errorhandler(Refused)
def refused(error: Refused) -> tuple[Response, int]:
    more = f"https://www.twilio.com/docs/errors/{error.code}"
    return jsonify(code=error.code, message=str(error), more_info=more, status=error.status), error.status


@api.after_request
def remember(response: Response) -> Response:
    code = (response.get_json() or {}).get("code") if response.status_code >= 400 else None
    asked = {"method": request.method, "path": request.path, "status": response.status_code, "code": code}
    carrier().requests.append({"at": carrier().network.now().isoformat(), **asked})
    return response


@api.post("/<account>/Messages.json")
def send() -> tuple[Json, int]:
    return _with_faults("send", _accept_text), 201


@api.get("/<account>/Messages.json")
def messages() -> Json:
    return _with_faults(
        "list", lambda _: _page("messages", "Messages.json", orders.messages_asked_for(carrier()))
    )


@api.get("/<account>/Messages/<sid>.json")
def message(sid: str) -> Json:
    return _with_faults("list", lambda _: _shown(orders.message(carrier(), sid)))


@api.delete("/<account>/Messages/<sid>.json")
def delete_message(sid: str) -> tuple[str, int]:
    if orders.message(carrier(), sid).status in ("queued", "receiving"):
        raise Refused(20009, "Cannot delete message because delivery has not been completed.", 409)
    carrier().network.update_message(sid, deleted=True)
    return "", 204


@api.post("/<account>/Calls.json")
def place() -> tuple[Json, int]:
    return _with_faults(
        "call", lambda fault: _shown(phone.place(carrier(), orders.call_ordered(carrier()), fault))
    ), 201


@api.get("/<account>/Calls.json")
def calls() -> Json:
    return _with_faults("list", lambda _: _page("calls", "Calls.json", orders.calls_asked_for(carrier())))


@api.get("/<account>/Calls/<sid>.json")
def call(sid: str) -> Json:
    return _with_faults("list", lambda _: _shown(orders.call(carrier(), sid)))


@api.post("/<account>/Calls/<sid>.json")
def change_call(sid: str) -> Json:
    orders.change_call(carrier(), orders.call(carrier(), sid))
    return _shown(carrier().network.calls[sid])


@api.delete("/<account>/Calls/<sid>.json")
def delete_call(sid: str) -> tuple[str, int]:
    if orders.call(carrier(), sid).status not in FINAL_CALL:
        raise Refused(20009, "Cannot delete this resource before it has completed.", 409)
    carrier().network.update_call(sid, deleted=True)
    return "", 204


@api.get("/<account>.json")
def account() -> Json:
    return records.account_json(carrier().settings)


@api.get("/<account>/IncomingPhoneNumbers.json")
def numbers() -> Json:
    settings, asked = carrier().settings, request.args.to_dict()
    found = [records.number_json(settings)] if asked.get("PhoneNumber") in (None, settings.number) else []
    return records.page(settings, "incoming_phone_numbers", "IncomingPhoneNumbers.json", found, asked)


def _accept_text(fault: Fault | None) -> Json:
    form = request.form
    service = form.get("MessagingServiceSid")
    orders.check_sender(carrier(), form.get("From"), service)
    to, body, callback = form.get("To", ""), form.get("Body", ""), form.get("StatusCallback")
    return _shown(texts.accept(carrier(), to, body, callback, service, fault))


def _shown(record: records.Record) -> Json:
    return records.record_json(carrier().settings, record)


def _page(name: str, path: str, found: Sequence[records.Record]) -> Json:
    return records.page(
        carrier().settings, name, path, [_shown(each) for each in found], request.args.to_dict()
    )


def _with_faults(leg: str, act: Callable[[Fault | None], Json]) -> Json:
    """Act, with whatever goes wrong on this leg now: before acting (nothing happened) or after it (all did)."""
    fault = carrier().faults.take(leg)
    do = fault.do if fault else ""
    if do == "429":
        raise Refused(20429, "Too Many Requests", 429)
    if do == "500_before":
        raise Refused(20500, "Internal Server Error", 500)
    if fault and do in ("timeout_before", "reset"):
        _break_off(fault.seconds if do == "timeout_before" else 0)
    done = act(fault)
    if do == "500_after":
        raise Refused(20500, "Internal Server Error", 500)
    if fault and do == "timeout_after":
        _break_off(fault.seconds)
    return done


def _break_off(seconds: float) -> NoReturn:
    """Say nothing for a while, then close the connection without an answer."""
    time.sleep(seconds)
    line: socket.socket = request.environ["werkzeug.socket"]
    line.shutdown(socket.SHUT_RDWR)
    raise Refused(20503, "The connection was closed on purpose", 503)  # reaches nobody but the log
