"""The carrier over HTTP: Twilio's REST API for the service, handsets for people and scripts."""

from functools import partial
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from . import handsets, here, page, phone, rest, texts, trouble
from .carrier import Carrier
from .model import FINAL_CALL, FINAL_TEXT


def create_app(carrier: Carrier) -> Flask:
    """The carrier's web application; takes up what an earlier process left unfinished."""
    app = Flask(__name__, static_folder=None)
    app.extensions[here.NAME] = carrier
    for part in (rest.api, handsets.api, trouble.api, page.site):
        app.register_blueprint(part)
    app.register_error_handler(HTTPException, problem)
    app.after_request(let_the_service_in)
    resume(carrier)
    return app


def problem(error: HTTPException) -> tuple[Response, int]:
    return jsonify(detail=error.description), error.code or 500


def let_the_service_in(response: Response) -> Response:
    """The service's own pages may show a handset and end a call."""
    asking = request.headers.get("Origin")
    service = urlsplit(here.carrier().settings.public_url)
    allowed = [f"{service.scheme}://{host}:{service.port}" for host in ("127.0.0.1", "localhost")]
    if asking in allowed and request.path.startswith(("/phones/api/", "/_carrier/")):
        response.headers["Access-Control-Allow-Origin"] = asking
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
        response.headers["Vary"] = "Origin"
    return response


def resume(carrier: Carrier) -> None:
    """Go on with every text and call that was under way when the carrier last stopped."""
    kept = carrier.network.snapshot()
    for message in kept.messages:
        if message.status == "receiving":
            carrier.later.run(0, partial(texts.hand_in, carrier, message))
        elif message.status not in FINAL_TEXT:
            texts.carry(carrier, message)
    for call in kept.calls:
        if call.status in ("queued", "ringing") and call.fate != "drop":
            carrier.later.run(carrier.settings.pace, partial(phone.ring, carrier, call.sid))
        elif call.status not in FINAL_CALL:
            carrier.later.run(0, partial(phone.after_script, carrier, call.sid))
