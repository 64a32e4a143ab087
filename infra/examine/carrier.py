"""The carrier's account: reachable, active, ours alone, and allowed to reach the countries in use."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from string import Formatter

from chalicelib import prompts
from chalicelib.numbers import parse
from infra.examine.finding import Finding, NotTold, Patient
from infra.examine.rest import ACCOUNTS, VOICE, Reply, Rest
from infra.place import machine_time

APART = timedelta(seconds=60)  # a signature is refused when clocks are 300 s apart
LOW_BALANCE = 20.0
CONSOLE = "In Twilio's console: "


def account(patient: Patient) -> Iterator[Finding]:
    """The account lets us in and is active."""
    reply = _account(patient)
    if reply.status == 0:
        where = patient.place.env.get("TWILIO_API_URL") or "https://api.twilio.com"
        yield Finding(
            "carrier-unreachable",
            f"{where} does not answer: {reply.body.get('message')}.",
            "Is the way out of this network open? With TWILIO_API_URL set: is what stands in there running?",
        )
    elif reply.status in (401, 403) or reply.code == 20003:
        yield Finding(
            "carrier-keys",
            "The carrier does not know TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN.",
            f"{CONSOLE}copy both from the account's page, then: python -m infra.rotate {patient.place.name}"
            " TWILIO_AUTH_TOKEN.",
        )
    elif reply.body.get("status") != "active":
        yield Finding(
            "account-not-active",
            f"The carrier's account is {reply.body.get('status') or reply.status}.",
            f"{CONSOLE}see why (an unpaid invoice, most often), or ask their support.",
        )
    elif reply.body.get("type") == "Trial":
        yield Finding(
            "trial-account",
            "The carrier's account is a trial: it reaches numbers you verified one by one, and adds its own words.",
            f"{CONSOLE}upgrade the account.",
        )


def clock(patient: Patient) -> Iterator[Finding]:
    """Our clock and the carrier's agree."""
    reply = _let_in(patient)
    if reply.at is None:
        raise NotTold("the carrier's answer carries no time")
    apart = abs(reply.at - machine_time())
    if apart > APART:
        yield Finding(
            "clock",
            f"This machine's clock and the carrier's are {apart.total_seconds():.0f} s apart.",
            "Let this machine keep time by NTP; signatures older than 300 s are refused.",
        )


def money(patient: Patient) -> Iterator[Finding]:
    """The account has money left."""
    _let_in(patient)
    rest = Rest.of(patient.place)
    reply = rest.get(rest.own("/Balance.json"))
    if reply.status != 200:
        raise NotTold("the carrier tells no balance")
    left = float(reply.body.get("balance", 0))
    if left < LOW_BALANCE:
        yield Finding(
            "balance",
            f"{left:.2f} {reply.body.get('currency', '')} are left on the carrier's account.",
            f"{CONSOLE}top it up, and turn on automatic recharge: without money texts stop, and nobody is told.",
        )


def alone(patient: Patient) -> Iterator[Finding]:
    """Nothing but us texts from our number."""
    _let_in(patient)
    rest, sender = Rest.of(patient.place), patient.place.settings.sender
    since = (patient.place.clock() - timedelta(days=1)).date().isoformat()
    only = {"From": sender} if sender.startswith("+") else {}
    texts = rest.all(rest.own("/Messages.json"), "messages", **{**only, "DateSent>": since})
    foreign = [text for text in texts if text.get("direction") == "outbound-api" and not ours(text["body"])]
    if foreign:
        yield Finding(
            "shared-sender",
            f"{len(foreign)} texts of the last day came from {sender} and are none of ours.",
            "Give Aftercall a number of its own: a caller's STOP silences the whole number, case texts too."
            " (If our own wording was changed today, look again tomorrow.)",
        )


def countries(patient: Patient) -> Iterator[Finding]:
    """The carrier may text and ring the countries in use."""
    _let_in(patient)
    service = patient.place.service()
    policy, rest = service.office.policy(), Rest.of(patient.place)
    home = parse(patient.place.settings.voice_from)
    regions = policy.countries or ((home.region,) if home and home.region else ())
    asked = {"texts": ("/v1/Messaging/GeoPermissions?CountryCode={}", ACCOUNTS)}
    if any(policy.outbound_voice.values()):
        asked["calls"] = ("/v1/DialingPermissions/Countries/{}", VOICE)
    told = 0
    for kind, (path, host) in asked.items():
        for region in regions:
            reply = rest.get(path.format(region), host)
            told += reply.status == 200
            if reply.status == 200 and not permitted(reply):
                yield Finding(
                    "country-closed",
                    f"The carrier's account may not send {kind} to {region}.",
                    f"{CONSOLE}Messaging or Voice, Settings, Geo permissions: switch {region} on.",
                )
    if not told:
        raise NotTold("the carrier tells no geographic permissions")


CHECKS = (account, clock, money, alone, countries)


def permitted(reply: Reply) -> bool:
    """From either interface: a country of its own, or a list with the one asked for."""
    if "low_risk_numbers_enabled" in reply.body:
        return bool(reply.body["low_risk_numbers_enabled"])
    return all(each.get("enabled", True) for each in reply.body.get("permissions", ()))


def ours(body: str) -> bool:
    """Whether a text is one of ours, in any language, whatever stands in its blanks."""
    return any(pattern.fullmatch(body.strip()) for pattern in _patterns())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    texts = {text.strip() for code in prompts.languages() for text in prompts.load(code).sms.values()}
    return tuple(re.compile(_pattern(text), re.DOTALL) for text in texts if len(text) > 12)


def _pattern(text: str) -> str:
    parts = Formatter().parse(text)
    return "".join(re.escape(words) + (".*?" if blank is not None else "") for words, blank, _, _ in parts)


def _account(patient: Patient) -> Reply:
    rest = Rest.of(patient.place)
    return rest.get(rest.own(".json"))


def _let_in(patient: Patient) -> Reply:
    """Raises NotTold when the account cannot be asked: that is told once, by `account`."""
    reply = _account(patient)
    if reply.status != 200:
        raise NotTold("the carrier's account could not be asked")
    return reply
