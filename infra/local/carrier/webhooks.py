"""Telling the service: signed posts, with Twilio's connection overrides and retries.

`https://…/sms#rc=3&rp=5xx,ct,rt`: the fragment says how often (`rc`) and after what (`rp`: no connection `ct`, no
answer in time `rt`, `4xx`, `5xx`) to try again, and how long to wait (`ct`, `rt`, and `tt` in all, milliseconds).
Without it: one more try, only when no connection came about. Signatures cover the URL without the fragment.
"""

import http.client
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from twilio.request_validator import RequestValidator

from .faults import Fault, Faults

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Overrides:
    """How patiently a webhook is posted; Twilio's defaults."""

    connect: float = 5.0  # seconds
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    after: frozenset[str] = frozenset({"ct"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said."""

    status: int
    content_type: str
    body: bytes


class Unanswered(Exception):
    """Nothing usable came back: `ct` no connection, `rt` no answer in time."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One webhook, as the log keeps it."""

    at: datetime
    kind: str  # text, text-status, voice, call-status
    url: str
    form: Form
    token: str  # the same for each try
    tries: tuple[str, ...]  # what became of each: "ct", "rt", "200" …
    status: int | None  # of the last answer that came back

    @property
    def arrived(self) -> bool:
        return self.status is not None and self.status < 300


def overrides(url: str) -> Overrides:
    """What the fragment asks for, within Twilio's limits."""
    asked = dict(parse_qsl(urlsplit(url).fragment))
    plain = Overrides()
    policies = frozenset(asked.get("rp", "ct").split(","))
    return Overrides(
        _seconds(asked.get("ct"), 10_000, plain.connect),
        _seconds(asked.get("rt"), 15_000, plain.read),
        _seconds(asked.get("tt"), 15_000, plain.total),
        min(max(int(asked.get("rc", plain.retries)), 0), 5),
        frozenset({"ct", "rt", "4xx", "5xx"}) if "all" in policies else policies,
    )


def _seconds(milliseconds: str | None, most: int, default: float) -> float:
    return min(max(int(milliseconds), 100), most) / 1000 if milliseconds else default


def signed_url(url: str) -> str:
    """The address as signed and requested: no fragment, no user and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()


class Poster:
    """Posts webhooks and remembers each."""

    def __init__(self, token: str, faults: Faults, pause: float) -> None:
        self._validator = RequestValidator(token)
        self._pause = pause  # seconds before the first retry, doubled for each further one
        self._faults = faults
        self._lock = threading.Lock()
        self.postings: list[Posting] = []

    def post(self, at: datetime, kind: str, url: str, form: Form) -> Answer | None:
        """The service's answer, whatever its status; None when none of the tries brought one back."""
        rules, started = overrides(url), time.monotonic()
        token = secrets.token_hex(16)
        tries: list[str] = []
        answer: Answer | None = None
        for attempt in range(rules.retries + 1):
            if attempt:
                time.sleep(self._pause * 2 ** (attempt - 1))
            answer = None
            try:
                answer = self._attempt(url, form, token, rules)
                tries.append(str(answer.status))
                failure = f"{answer.status // 100}xx"
            except Unanswered as error:
                tries.append(failure := str(error))
            if failure not in rules.after or time.monotonic() - started > rules.total:
                break
        status = answer.status if answer else None
        with self._lock:
            self.postings.append(Posting(at, kind, url, form, token, tuple(tries), status))
        return answer

    def _attempt(self, url: str, form: Form, token: str, rules: Overrides) -> Answer:
        """One try, with whatever is to go wrong on the way there and on the way back."""
        fault = self._faults.take("webhook")
        if fault and fault.do == "500_before":
            return Answer(503, "text/plain", b"")
        if fault:
            _fail_before(fault)
        answer = self._send(url, form, token, rules)
        if fault and fault.do == "duplicate":
            answer = self._send(url, form, token, rules)
        lost = self._faults.take("reply")
        if lost and lost.do == "500_after":
            return Answer(500, "text/plain", b"")
        if lost:
            raise Unanswered("rt")
        return answer

    def _send(self, url: str, form: Form, token: str, rules: Overrides) -> Answer:
        target = urlsplit(signed_url(url))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "X-Twilio-Signature": str(self._validator.compute_signature(target.geturl(), dict(form))),
            "I-Twilio-Idempotency-Token": token,
        }
        connection = _connect(target, rules)
        try:
            connection.request("POST", _path(target), urlencode(form), headers)
            reply = connection.getresponse()
            return Answer(reply.status, reply.headers.get_content_type(), reply.read())
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered("rt") from error
        finally:
            connection.close()


def _connect(target: SplitResult, rules: Overrides) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = kind(target.hostname or "", target.port, timeout=rules.connect)
    try:
        connection.connect()
    except OSError as error:
        raise Unanswered("ct") from error
    connection.sock.settimeout(rules.read)
    return connection


def _path(target: SplitResult) -> str:
    return (target.path or "/") + (f"?{target.query}" if target.query else "")


def _fail_before(fault: Fault) -> None:
    """Lose the request before the service sees it, or hold it up."""
    if fault.do in ("drop", "reset"):
        raise Unanswered("ct")
    if fault.do == "timeout_before":
        raise Unanswered("rt")
    if fault.do == "delay":
        time.sleep(fault.seconds)
