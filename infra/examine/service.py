"""Does the service answer from outside, open its doors to those who signed, and to nobody else? Nothing is stored."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from secrets import token_hex

from twilio.request_validator import RequestValidator

from infra.examine.finding import Finding, NotTold, Patient
from infra.smoke import Answer, Visitor, told
from infra.sources import sign

STATUS = "/webhooks/twilio/sms-status/doctor/1"  # of no survey: noticed, and forgotten
FORM = "application/x-www-form-urlencoded"


def reached(patient: Patient) -> Iterator[Finding]:
    """The service answers at PUBLIC_URL and reaches its table and its carrier."""
    answer = visitor(patient).ask("GET", "/health")
    url = patient.place.env["PUBLIC_URL"]
    if answer.status == 0:
        yield Finding(
            "unreachable",
            f"Nothing answers at {url}: {told(answer)}.",
            "Is PUBLIC_URL the address others use, its name known, its certificate valid?",
        )
    elif answer.status != 200:
        yield Finding(
            "unhealthy",
            f"/health says {answer.status}: {told(answer)}",
            "It says whether table or carrier cannot be reached; why, is in the log: /aftercall/<stage>/app.",
        )


def calls_door(patient: Patient) -> Iterator[Finding]:
    """A call's report is taken when signed, and refused when not."""
    _reachable(patient)
    signed, unsigned = post_calls(patient, sign_it=True), post_calls(patient, sign_it=False)
    if signed.status == 401:
        yield Finding(
            "signed-call-refused",
            f"A call signed with CALLS_WEBHOOK_SECRET is refused: {told(signed)}",
            "The running service holds another secret, or its clock is wrong: deploy again, or restart make run.",
        )
    elif signed.status != 422:  # an empty report, properly signed, lacks its fields and nothing else
        yield Finding(
            "odd-answer",
            f"A signed but empty report is answered {signed.status}, not 422: {told(signed)}",
            "Another service answers at PUBLIC_URL, or an older version of this one: deploy again.",
        )
    if unsigned.status != 401:
        yield Finding(
            "open-door",
            f"A call nobody signed is answered {unsigned.status}, not 401.",
            "Whoever knows the address can have anybody texted. Stop now (kill switch), then find out what answers.",
        )


def carrier_door(patient: Patient) -> Iterator[Finding]:
    """A carrier's report is taken when signed with our token, and refused when not."""
    _reachable(patient)
    url, token = patient.place.env["PUBLIC_URL"], patient.place.settings.auth_tokens[0]
    signature = str(RequestValidator(token).compute_signature(url + STATUS, {"MessageStatus": "sent"}))
    visit = visitor(patient)
    signed = visit.ask("POST", STATUS, b"MessageStatus=sent", Content_Type=FORM, X_Twilio_Signature=signature)
    unsigned = visit.ask("POST", STATUS, b"MessageStatus=sent", Content_Type=FORM)
    if signed.status == 403:
        yield Finding(
            "carrier-refused",
            "A report signed with TWILIO_AUTH_TOKEN for PUBLIC_URL is refused: every reply would be, too.",
            f"The running service knows another token, or another address than {url}: deploy again,"
            " or restart make run.",
        )
    if unsigned.status != 403:
        yield Finding(
            "open-carrier-door",
            f"A carrier's report nobody signed is answered {unsigned.status}, not 403.",
            "Anybody could answer for callers. Stop now (kill switch), then find out what answers at PUBLIC_URL.",
        )


def results_door(patient: Patient) -> Iterator[Finding]:
    """Results are shown to the token's holder, and to nobody else."""
    _reachable(patient)
    visit = visitor(patient)
    known = visit.ask("GET", "/api/settings", Authorization=f"Bearer {patient.place.env['API_TOKEN']}")
    if known.status != 200:
        yield Finding(
            "token-refused",
            f"API_TOKEN is answered {known.status} by /api/settings.",
            "The running service holds another token: deploy again, or restart make run.",
        )
    if (without := visit.ask("GET", "/api/settings").status) != 401:
        yield Finding(
            "open-results",
            f"/api/settings answers {without}, not 401, to somebody without a token.",
            "Results may be public. Take the address down, then find out what answers there.",
        )


def issuer(patient: Patient) -> Iterator[Finding]:
    """Who signs team leads in can be reached."""
    found = patient.place.env.get("OIDC_ISSUER", "").rstrip("/")
    if not found:
        raise NotTold("OIDC_ISSUER is not set: pages are signed in to by token")
    address = f"{found}/.well-known/openid-configuration"
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            named = str(json.load(answer).get("issuer", "")).rstrip("/")
    except (urllib.error.URLError, OSError, ValueError) as error:
        yield Finding("issuer-unreachable", f"{address}: {error}", "Is OIDC_ISSUER right, and up?")
        return
    if named != found:
        yield Finding(
            "issuer-differs",
            f"OIDC_ISSUER is {found}, and calls itself {named or 'nothing'}.",
            "Set OIDC_ISSUER to the very name in its own document: tokens carry that one.",
        )


CHECKS = (reached, calls_door, carrier_door, results_door, issuer)


def visitor(patient: Patient) -> Visitor:
    return Visitor(patient.place.env["PUBLIC_URL"], patient.place.env)


def post_calls(patient: Patient, *, sign_it: bool) -> Answer:
    """What an empty report is answered."""
    body, secret = b"{}", patient.place.env["CALLS_WEBHOOK_SECRET"].split()[0]
    made = sign.headers(secret, f"msg_{token_hex(8)}", patient.place.clock(), body) if sign_it else {}
    headers = {name.replace("-", "_"): value for name, value in made.items()}
    return visitor(patient).ask("POST", "/webhooks/calls", body, Content_Type="application/json", **headers)


def _reachable(patient: Patient) -> None:
    """Raises NotTold when nobody is there: said once is enough."""
    if visitor(patient).ask("GET", "/health").status == 0:
        raise NotTold("nothing answers at PUBLIC_URL")
