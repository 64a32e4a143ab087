"""The number callers see: ours, able to text and to be rung, and its webhooks pointing at us."""

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.carrier.twilio import RETRY
from chalicelib.numbers import parse
from infra.examine.finding import Finding, NotTold, Patient
from infra.examine.rest import MESSAGING, Json, Rest

CONSOLE = "In Twilio's console: Phone numbers, Active numbers, "
HOOKS = (
    ("sms", "A message comes in", "/webhooks/twilio/sms"),
    ("voice", "A call comes in", "/webhooks/twilio/voice"),
)


def owned(patient: Patient) -> Iterator[Finding]:
    """The numbers are the account's, and can do what is asked of them."""
    settings = patient.place.settings
    wanted = {settings.voice_from: {"voice"}}
    if settings.sender.startswith("+"):
        wanted[settings.sender] = {"sms", "voice"}  # a caller who rings it takes the survey by voice
    for number, needs in wanted.items():
        record = _record(patient, number)
        if record is None:
            yield Finding(
                "number-not-ours",
                f"{number} is not a number of this account.",
                "Buy it, or set TWILIO_FROM and TWILIO_VOICE_FROM to one that is.",
            )
            continue
        for missing in sorted(each for each in needs if not record.get("capabilities", {}).get(each)):
            yield Finding(
                f"no-{missing}",
                f"{number} cannot take {'texts' if missing == 'sms' else 'calls'}.",
                "Buy a number that can do both: callers answer the text, or ring the number that sent it.",
            )


def webhooks(patient: Patient) -> Iterator[Finding]:
    """What arrives on our number is handed to us."""
    for record in _records(patient):
        for kind, label, path in HOOKS:
            yield from _hook(patient, record, kind, label, path)


def _hook(patient: Patient, record: Json, kind: str, label: str, path: str) -> Iterator[Finding]:
    number, ours = record["phone_number"], patient.place.settings.public_url + path
    there, _, after = str(record.get(f"{kind}_url") or "").partition("#")
    name = "text-webhook" if kind == "sms" else "voice-webhook"
    right = f"{CONSOLE}{number}, {label!r}: Webhook, {ours}{RETRY}, HTTP POST."
    if there != ours:
        what = "Texts to" if kind == "sms" else "Calls to"
        yield Finding(name, f"{what} {number} are handed to {there or 'nobody'}, not to {ours}.", right)
    elif str(record.get(f"{kind}_method", "POST")).upper() != "POST":
        yield Finding(f"{name}-method", f"{label!r} of {number} is fetched by GET; we take POST only.", right)
    elif after != RETRY.removeprefix("#"):
        yield Finding(
            f"{name}-retry",
            f"{label!r} of {number} lacks {RETRY}: at our first 5xx the carrier would give a reply up.",
            right,
        )


def others(patient: Patient) -> Iterator[Finding]:
    """No other application answers on our number."""
    for record in _records(patient):
        for name in ("sms_application_sid", "voice_application_sid", "trunk_sid"):
            if record.get(name):
                yield Finding(
                    "number-used-elsewhere",
                    f"{record['phone_number']} is handed to {record[name]} ({name}), whatever its webhooks say.",
                    f"{CONSOLE}{record['phone_number']}: take it off there. Aftercall needs a number of its own.",
                )


def messaging_service(patient: Patient) -> Iterator[Finding]:
    """The messaging service hands replies to us; no other one holds our number."""
    settings, rest = patient.place.settings, Rest.of(patient.place)
    listed = rest.get("/v1/Services", MESSAGING, PageSize=50)
    if listed.status != 200:
        raise NotTold("the carrier tells no messaging services")
    for service in listed.body.get("services", ()):
        held = rest.get(f"/v1/Services/{service['sid']}/PhoneNumbers", MESSAGING, PageSize=50)
        numbers = {each["phone_number"] for each in held.body.get("phone_numbers", ())}
        if service["sid"] == settings.sender:
            yield from _own_service(patient, service, numbers)
        elif numbers & {settings.sender, settings.voice_from}:
            yield Finding(
                "number-in-another-service",
                f"Messaging service {service.get('friendly_name', '')} ({service['sid']}) sends from our number, too.",
                "Take the number out of it: a STOP to one would silence both.",
            )


def _own_service(patient: Patient, service: Mapping[str, Any], numbers: set[str]) -> Iterator[Finding]:
    ours = patient.place.settings.public_url + "/webhooks/twilio/sms"
    there = str(service.get("inbound_request_url") or "").partition("#")[0]
    if not numbers:
        yield Finding(
            "empty-service",
            f"Messaging service {service['sid']} holds no number: nobody can answer.",
            "Add a number that takes texts to its sender pool.",
        )
    if there != ours and not service.get("use_inbound_webhook_on_number"):
        yield Finding(
            "text-webhook",
            f"Replies to messaging service {service['sid']} are handed to {there or 'nobody'}, not to {ours}.",
            f"In Twilio's console: Messaging, Services, Integration: send a webhook to {ours}{RETRY}.",
        )


def home(patient: Patient) -> Iterator[Finding]:
    """Callers can answer at their own country's price."""
    settings = patient.place.settings
    countries = patient.place.service().office.policy().countries
    sender = parse(settings.sender if settings.sender.startswith("+") else settings.voice_from)
    if sender and sender.region and countries and sender.region not in countries:
        yield Finding(
            "foreign-sender",
            f"The number is from {sender.region}; callers are from {', '.join(countries)} and pay for texts abroad.",
            "Use a number of the callers' own country.",
        )


CHECKS = (owned, webhooks, others, messaging_service, home)


def _records(patient: Patient) -> list[Json]:
    settings = patient.place.settings
    numbers = {number for number in (settings.sender, settings.voice_from) if number.startswith("+")}
    return [record for number in sorted(numbers) if (record := _record(patient, number))]


def _record(patient: Patient, number: str) -> Json | None:
    rest = Rest.of(patient.place)
    reply = rest.get(rest.own("/IncomingPhoneNumbers.json"), PhoneNumber=number)
    if reply.status != 200:
        raise NotTold("the carrier's account could not be asked")
    return next(iter(reply.body.get("incoming_phone_numbers", ())), None)
