"""Routes, queue and schedules. Each verifies and parses; the rest is `chalicelib`. Nothing is opened at import."""

import json
from collections.abc import Mapping
from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Rate, Request, Response, SQSEvent

from chalicelib import centres, front, log, web
from chalicelib.errors import Forbidden
from chalicelib.sources import calls, flex, signature
from chalicelib.web import answered
from chalicelib.wiring import service

app = Chalice(app_name="aftercall")
app.api.binary_types = []
FORMS = [web.FORM]
ANY = ["application/json", "application/x-www-form-urlencoded", "text/plain", "application/octet-stream"]


def _asked() -> Request:
    """The request being answered."""
    assert app.current_request is not None
    return app.current_request


# --- from the contact centre ------------------------------------------------------------------------------


@app.route("/webhooks/calls", methods=["POST"], content_types=ANY)
@answered
def call_ended() -> Response:
    """A call ended, in our own words, signed per Standard Webhooks."""
    request, office = _asked(), service().office
    body = web.body_of(request)
    signature.verify(office.settings.webhook_secrets, request.headers, body, office.now())
    decision = service().intake.call_ended(calls.parse(body))
    return web.as_json(decision.body(), 202 if decision.first else 200)


@app.route("/webhooks/{source}", methods=["POST"], content_types=ANY)
@answered
def foreign_call_ended(source: str) -> Response:
    """A call record of another system: docs/sources.md says which, and how each is signed."""
    return centres.posted_call(_asked(), source)


@app.route("/webhooks/twilio/flex", methods=["POST"], content_types=FORMS)
@answered
def flex_task_ended() -> Response:
    return centres.taken(flex.task_event(_signed_form()))


@app.route("/webhooks/twilio/call-status", methods=["POST"], content_types=FORMS)
@answered
def centre_call_status() -> Response:
    service().phone.centre_call_status(_signed_form())
    return Response("", {}, 204)


# --- from Twilio ------------------------------------------------------------------------------------------


@app.route("/webhooks/twilio/sms", methods=["POST"], content_types=FORMS)
@answered
def text_came() -> Response:
    form = _signed_form()
    return front.or_later(lambda: service().conversation.text_came(form))


@app.route("/webhooks/twilio/sms-status/{survey_id}/{attempt}", methods=["POST"], content_types=FORMS)
@answered
def text_status(survey_id: str, attempt: str) -> Response:
    form = _signed_form()
    service().conversation.text_status(survey_id, front.whole(attempt), form)
    return Response("", {}, 204)


@app.route("/webhooks/twilio/voice", methods=["POST"], content_types=FORMS)
@answered
def line_opened() -> Response:
    form = _signed_form()
    return front.or_goodbye(lambda: service().phone.line_opened(form))


@app.route("/webhooks/twilio/voice/{survey_id}", methods=["POST"], content_types=FORMS)
@answered
def call_answered(survey_id: str) -> Response:
    form = _signed_form()
    return front.or_goodbye(lambda: service().phone.call_answered(survey_id, form))


@app.route("/webhooks/twilio/voice/{survey_id}/{question}", methods=["POST"], content_types=FORMS)
@answered
def key_pressed(survey_id: str, question: str) -> Response:
    form = _signed_form()
    return front.or_goodbye(lambda: service().phone.key_pressed(survey_id, question, form))


@app.route("/webhooks/twilio/voice-status/{survey_id}/{attempt}", methods=["POST"], content_types=FORMS)
@answered
def call_status(survey_id: str, attempt: str) -> Response:
    form = _signed_form()
    service().phone.call_status(survey_id, front.whole(attempt), form)
    return Response("", {}, 204)


@app.route("/audio/{language}/{name}", methods=["GET"])
@answered
def audio(language: str, name: str) -> Response:
    """A recording: played on a line, and in a browser."""
    return front.audio(language, name)


def _signed_form() -> Mapping[str, str]:
    """Raises Forbidden for a form Twilio did not sign for this very address."""
    form = web.form_of(_asked())
    given = _asked().headers.get("x-twilio-signature", "")
    if not service().twilio.signed(web.path_of(_asked()), form, given):
        log.metric("SignatureRefused")
        raise Forbidden("X-Twilio-Signature: was not made for this address with our auth token")
    return form


# --- for team leads: JSON ---------------------------------------------------------------------------------


@app.route("/api/rates", methods=["GET"])
@answered
def rates() -> Response:
    front.person(_asked())
    return web.as_json(service().api.rates(front.query(_asked())))


@app.route("/api/calls", methods=["GET"])
@answered
def list_calls() -> Response:
    front.person(_asked())
    return web.as_json(service().api.calls(front.query(_asked())))


@app.route("/api/calls/{call_id}", methods=["GET"])
@answered
def one_call(call_id: str) -> Response:
    front.person(_asked())
    return web.as_json(service().api.call(front.unquoted(call_id)))


@app.route("/api/responses", methods=["GET"])
@answered
def responses() -> Response:
    front.person(_asked())
    return front.responses(_asked())


@app.route("/api/callbacks", methods=["GET"])
@answered
def list_callbacks() -> Response:
    front.person(_asked())
    return web.as_json(service().api.callbacks(front.query(_asked())))


@app.route("/api/callbacks/{callback_id}/{verb}", methods=["POST"], content_types=ANY)
@answered
def act_on_callback(callback_id: str, verb: str) -> Response:
    person = front.person(_asked())
    body = front.object_of(_asked())
    return web.as_json(service().api.act(callback_id, verb, front.owner(body, person), body))


@app.route("/api/settings", methods=["GET", "PUT"], content_types=ANY)
@answered
def settings() -> Response:
    person = front.person(_asked())
    if _asked().method == "GET":
        return web.as_json(service().api.settings())
    return web.as_json(service().api.change_settings(web.document_of(_asked()), person.name))


@app.route("/api/erasures", methods=["POST"], content_types=ANY)
@answered
def erasures() -> Response:
    """Forget a person. The number is in the body and in no address."""
    person = front.person(_asked())
    return web.as_json(service().api.erase(front.query(_asked()), front.object_of(_asked()), person.name))


@app.route("/api/disclosures", methods=["POST"], content_types=ANY)
@answered
def disclosures() -> Response:
    """Tell a person what is kept of them."""
    person = front.person(_asked())
    return web.as_json(service().api.disclose(front.query(_asked()), front.object_of(_asked()), person.name))


@app.route("/api/openapi.json", methods=["GET"])
@answered
def openapi() -> Response:
    front.person(_asked())
    return front.openapi()


@app.route("/health", methods=["GET"])
@answered
def health() -> Response:
    return front.health()


# --- for team leads: pages --------------------------------------------------------------------------------


def _page(name: str, *more: str) -> Response:
    """A page of `chalicelib.site`, errors too. Imported when one is asked for: a call's end needs no templates."""
    from chalicelib import site

    return site.page(name, _asked(), *more)


@app.route("/", methods=["GET"])
def results_page() -> Response:
    return _page("results")


@app.route("/callbacks", methods=["GET"])
def callbacks_page() -> Response:
    return _page("callbacks")


@app.route("/callbacks/{callback_id}/{verb}", methods=["POST"], content_types=FORMS)
def callback_form(callback_id: str, verb: str) -> Response:
    return _page("act", callback_id, verb)


@app.route("/calls", methods=["GET"])
def calls_page() -> Response:
    return _page("calls")


@app.route("/remarks", methods=["GET"])
def remarks_page() -> Response:
    return _page("remarks")


@app.route("/settings", methods=["GET"])
def settings_page() -> Response:
    return _page("settings")


@app.route("/sign-in", methods=["GET"])
def sign_in_form() -> Response:
    return _page("sign_in_form")


@app.route("/sign-in", methods=["POST"], content_types=FORMS)
def sign_in() -> Response:
    return _page("sign_in")


@app.route("/sign-out", methods=["POST"], content_types=FORMS)
def sign_out() -> Response:
    return _page("sign_out")


@app.route("/static/{name}", methods=["GET"])
def static(name: str) -> Response:
    return _page("static", name)


# --- queue and schedules ----------------------------------------------------------------------------------


@app.on_sqs_message(queue="aftercall-send", batch_size=10)
def send(event: SQSEvent) -> dict[str, Any]:
    """Look at each record named; one that fails is redelivered, the others are not."""
    failed = []
    for record in event.to_dict()["Records"]:
        try:
            order = json.loads(record["body"])
            service().clockwork.look(order["kind"], order["id"])
        except Exception:
            log.failure("a look failed; the queue will redeliver it", record=record["messageId"])
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


@app.on_cw_event(centres.CONNECT_EVENTS)
def connect(event: CloudWatchEvent) -> None:
    """Amazon Connect's contact events; one that fails is delivered again."""
    centres.connect_event(event.to_dict())


@app.lambda_function(name="connect_records")
def connect_records(event: dict[str, Any], context: object) -> None:
    """Amazon Connect's contact records, of the Kinesis stream mapped to this function: instead of the events."""
    centres.connect_records(event)


@app.lambda_function(name="connect_ask")
def connect_ask(event: dict[str, Any], context: object) -> dict[str, str]:
    """The survey inside an Amazon Connect flow: the next question for the last key."""
    return centres.connect_turn(event)


@app.lambda_function(name="genesys")
def genesys(event: dict[str, Any], context: object) -> None:
    """Genesys Cloud's conversation events, from its partner bus: Chalice's own events hear the default bus only."""
    centres.genesys_event(event)


@app.schedule(Rate(1, unit=Rate.MINUTES))
def sweep(event: CloudWatchEvent) -> dict[str, int]:
    return {"queued": service().clockwork.sweep()}


@app.schedule(Rate(5, unit=Rate.MINUTES))
def refresh(event: CloudWatchEvent) -> dict[str, int]:
    """Response rates and the callback list, recomputed where something changed."""
    return {"days": service().clockwork.refresh()}
