"""A whole local stage for tests: engine, carrier and service as `make run` starts them, headless, one per test process.

    call = stage.post_call(caller := stage.mobile(), queue="permits")    # signed; 202
    stage.tick()                                                         # what is due now has happened
    stage.texts(caller)                                                  # ["Exempelverket: tack för …"]
    stage.reply(caller, "1")                                             # ["2 av 3: …"]
    stage.ahead(hours=4)                                                 # the clock of service and carrier

Every test takes numbers of its own, so that tests do not meet; the clock only ever goes forward.
"""

import base64
import hmac
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode
from zoneinfo import ZoneInfo

import pytest
from twilio.request_validator import RequestValidator

from infra.local import ports, processes
from infra.local.engine import dynamodb

ROOT = Path(__file__).parent.parent
FORM = "application/x-www-form-urlencoded"
ZONE = ZoneInfo("Europe/Stockholm")
NAMES = ("service", "carrier", "engine")
Json = dict[str, Any]
# Kept free for fiction by the British and the Swedish regulator.
MOBILES = [f"+44770090{n:04}" for n in range(1000)]
LANDLINES = [f"+463139006{n:02}" for n in range(2, 100)] + [f"+4684650{n:04}" for n in range(400, 500)]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "")


@dataclass(slots=True)
class Stage:
    """One folder and two ports; `start` and `kill_service` as often as a test likes."""

    data: Path
    port: int = field(default_factory=ports.any_free)
    carrier_port: int = field(default_factory=ports.any_free)
    root: Path = ROOT  # whose prompts and recordings are heard
    launcher: subprocess.Popen[bytes] | None = None
    _mobiles: Iterator[str] = field(default_factory=lambda: iter(MOBILES))
    _landlines: Iterator[str] = field(default_factory=lambda: iter(LANDLINES))
    _calls: Iterator[int] = field(default_factory=count)

    # the processes

    def start(self) -> "Stage":
        """`make run`, until it has said where to go."""
        env = {"PATH": os.environ["PATH"], "DATA": str(self.data), "INVITE_DELAY_SECONDS": "0"}
        env |= {"PORT": str(self.port), "CARRIER_PORT": str(self.carrier_port)}
        self.data.mkdir(parents=True, exist_ok=True)
        said = self.data / "said"
        with said.open("wb") as output:
            self.launcher = subprocess.Popen(
                [sys.executable, "-m", "infra.local.run"],
                cwd=self.root, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        until(lambda: b"Stop with Ctrl-C" in said.read_bytes() or self.ended(), 40)
        assert b"Stop with Ctrl-C" in said.read_bytes(), said.read_text(encoding="utf-8")
        return self

    def ended(self) -> bool:
        return self.launcher is None or self.launcher.poll() is not None

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        assert self.launcher is not None
        self.launcher.send_signal(how)
        return self.launcher.wait(30)

    def kill_service(self) -> None:
        """`kill -9`; the launcher notices, and ends what is left."""
        assert self.launcher is not None
        os.kill(self.alive()["service"], signal.SIGKILL)
        self.launcher.wait(30)

    def alive(self) -> dict[str, int]:
        found = {name: processes.left_over(name, self.data) for name in NAMES}
        return {name: running.pid for name, running in found.items() if running}

    def clear(self) -> None:
        """Leave nothing behind, whatever a test did."""
        if self.launcher and self.launcher.poll() is None:
            self.launcher.kill()
            self.launcher.wait()
        for name in NAMES:
            if running := processes.left_over(name, self.data):
                processes.stop(running, within=1)

    # the service, from outside

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def secret(self) -> Mapping[str, str]:
        kept: dict[str, str] = json.loads((self.data / "settings.json").read_text(encoding="utf-8"))
        return kept

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret['API_TOKEN']}"}

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        return ask(self.port, method, path, body, headers or {})

    def api(self, path: str, method: str = "GET", body: object = None) -> Any:
        """JSON of the API, asked for with the token; it must say 200."""
        sent = None if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        answer = self.ask(method, path, sent, self.bearer | kind)
        assert answer.status == 200, answer.body
        return answer.json()

    def call(self, caller: str | None, **fields: Any) -> Json:
        """A call's report, as the contact centre makes it; each with an id of its own."""
        usual = {"call_id": f"c-{next(self._calls)}-{secrets.token_hex(4)}", "caller": caller}
        more = {"queue": "permits", "team": "north", "language": "sv", "talk_seconds": 240}
        return usual | more | {"ended_at": self.now().isoformat(timespec="seconds")} | fields

    def signed(self, body: bytes, at: datetime | None = None, secret: str | None = None) -> dict[str, str]:
        """Headers of a Standard Webhook."""
        key = base64.b64decode((secret or self.secret["CALLS_WEBHOOK_SECRET"]).removeprefix("whsec_"))
        name, stamp = f"msg_{secrets.token_hex(8)}", str(int((at or self.now()).timestamp()))
        made = base64.b64encode(hmac.digest(key, f"{name}.{stamp}.".encode() + body, sha256)).decode()
        ids = {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,{made}"}
        return {"Content-Type": "application/json", **ids}

    def post(self, report: object, path: str = "/webhooks/calls") -> Answer:
        body = report if isinstance(report, bytes) else json.dumps(report).encode()
        return self.ask("POST", path, body, self.signed(body))

    def post_call(self, caller: str | None, **fields: Any) -> Json:
        """The decision about a new call."""
        answer = self.post(self.call(caller, **fields))
        assert answer.status == 202, answer.body
        decision: Json = answer.json()
        return decision

    def twilio(self, path: str, form: Mapping[str, str] | str, **headers: str) -> Answer:
        """A form as Twilio posts it: a mapping, or a body that was recorded, signed anew for our own address."""
        body = form if isinstance(form, str) else urlencode(form)
        return self.ask("POST", path, body.encode(), self.signature(path, fields(body)) | headers)

    def signature(self, path: str, form: Mapping[str, str]) -> dict[str, str]:
        made = RequestValidator(self.secret["TWILIO_AUTH_TOKEN"]).compute_signature(
            self.url + path, dict(form)
        )
        return {"Content-Type": FORM, "X-Twilio-Signature": str(made)}

    def survey(self, call: Mapping[str, Any]) -> Json:
        """How the survey of a call stands."""
        found: Json = self.api(f"/api/calls/{call['call_id']}")
        return found

    @property
    def tables(self) -> Any:
        """The engine's table itself, to count what is stored."""
        noted = processes.noted("engine", self.data)
        assert noted is not None
        return dynamodb(f"http://127.0.0.1:{noted.port}")

    def stored(self) -> list[Json]:
        """Every record there is, but for counts, which schedules write whenever they like."""
        pages = self.tables.get_paginator("scan").paginate(TableName="aftercall", ConsistentRead=True)
        items = [item for page in pages for item in page["Items"]]
        return [item for item in items if not item["pk"]["S"].startswith(("counts", "changed"))]

    # time

    def now(self) -> datetime:
        return datetime.fromisoformat(self.ask("GET", "/_local/clock").json()["now"])

    def clock(self, now: datetime) -> None:
        sent = json.dumps({"now": now.isoformat()}).encode()
        answer = self.ask("POST", "/_local/clock", sent, {"Content-Type": "application/json"})
        assert answer.status == 200, answer.body

    def ahead(self, **span: float) -> None:
        """Move the clock on, and do what has become due."""
        self.clock(self.now() + timedelta(**span))
        self.tick()

    def morning(self) -> datetime:
        """Ten o'clock of the next working day: inside everybody's hours, and nobody else's day."""
        day = self.now().astimezone(ZONE) + timedelta(days=1)
        while day.isoweekday() > 5:
            day += timedelta(days=1)
        now = day.replace(hour=10, minute=0, second=0, microsecond=0)
        self.clock(now)
        self.tick()  # what was held for the morning goes out before anything else is tried
        return now

    def daytime(self) -> None:
        """In hours, for a while yet: a stage whose clock was moved keeps the quiet hours."""
        if not 9 <= self.now().astimezone(ZONE).hour < 13:
            self.morning()

    def tick(self) -> Json:
        """What is due now is done, and has arrived on the handsets."""
        answer = self.ask("POST", "/_local/tick", b"")
        assert answer.status == 200, answer.body
        self.settled()
        done: Json = answer.json()
        return done

    def change(self, **settings: Any) -> None:
        self.api("/api/settings", "PUT", settings)

    # phones

    def mobile(self) -> str:
        """A number nobody has used."""
        return next(self._mobiles)

    def landline(self) -> str:
        return next(self._landlines)

    def carrier(self, path: str, body: object = None, method: str | None = None) -> Any:
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        method = method or ("GET" if body is None else "POST")
        answer = ask(self.carrier_port, method, path, sent, headers)
        assert answer.status < 300, answer.body
        return json.loads(answer.body) if answer.body else None

    def phone(self, number: str, verb: str = "", **body: Any) -> Json:
        """The handset, or what it shows after `answer`, `press`, `say`, `silence`, `ring`, `hangup`."""
        path = f"/phones/api/numbers/{quote(number)}"
        found: Json = self.carrier(f"{path}/{verb}", body) if verb else self.carrier(path)
        return found

    def texts(self, number: str) -> list[str]:
        """What the handset got, oldest first; a text that came twice is there twice."""
        got = [text for text in self.phone(number)["texts"] if text["direction"] != "inbound"]
        return [text["body"] for text in got for _ in range(text["copies"])]

    def reply(self, number: str, body: str) -> list[str]:
        """The answers that come back at once."""
        return [text["body"] for text in self.phone(number, "texts", body=body)["replies"]]

    def line(self, number: str, verb: str, **body: Any) -> tuple[str, Json]:
        """What was said last on the line, and the call."""
        call: Json = self.phone(number, verb, **body)["call"]
        said = [line["text"] for line in call["lines"]]
        return " ".join(said[last_key(call) :]), call

    def rung(self, number: str) -> bool:
        """Whether the handset is ringing, within a moment."""
        return until(lambda: (self.phone(number)["call"] or {}).get("status") == "ringing", 5)

    def settled(self) -> None:
        """Everything the carrier had under way has arrived."""
        assert self.carrier("/phones/api/settle", {"seconds": 20})["settled"]

    def faults(self, *rules: Mapping[str, Any]) -> None:
        """What goes wrong at the carrier from now on; none: nothing any more."""
        self.carrier("/_carrier/faults", method="DELETE")
        if rules:
            self.carrier("/_carrier/faults", list(rules))

    def log(self) -> Json:
        found: Json = self.carrier("/phones/api/log")
        return found

    def said(self) -> str:
        """Everything the service printed or logged."""
        logs = (self.data / "logs" / f"service.{kind}" for kind in ("log", "errors"))
        return "".join(path.read_text(encoding="utf-8", errors="replace") for path in logs)


def ask(
    port: int, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """One request, sent byte by byte as it is given."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    try:
        line.request(method, path, body, dict(headers or {}))
        answer = line.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        line.close()


def fields(body: str) -> dict[str, str]:
    """A form's fields, blank ones too."""
    return dict(parse_qsl(body, keep_blank_values=True))


def last_key(call: Json) -> int:
    """Where, among all that was said and pressed, the caller's last key or word stands."""
    keys = [place for place, line in enumerate(call["lines"], 1) if line["kind"] in ("keys", "spoken")]
    return keys[-1] if keys else 0


def until(true: Callable[[], bool], within: float) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + within
    while not (done := true()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return done


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """What came of all of them, begun at the same moment."""
    start = Barrier(len(acts))

    def begun(act: Callable[[], Any]) -> Any:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begun, acts))


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One running stage for all tests of this process."""
    running = Stage(Path(tmp_path_factory.mktemp("stage")) / "data")
    try:
        yield running.start()
    finally:
        running.clear()
