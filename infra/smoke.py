"""Does the deployed stage answer as it should? A handful of requests from outside; nobody is texted or rung."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from infra.command import Progress
from infra.sources import sign

PATIENCE, PATIENCE_HERE = 60.0, 15.0  # seconds: a first container starts, an address becomes known
CALLER = "+46701740605"  # kept free for fiction


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Asks the service from outside."""

    url: str
    values: Mapping[str, str]  # of the stage: secrets in clear

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        request = urllib.request.Request(self.url + path, data=body, method=method)
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read())
        except OSError as error:
            return Answer(0, str(error).encode())

    def healthy(self) -> str | None:
        answer = self.ask("GET", "/health")
        return None if answer.status == 200 else f"/health says {answer.status}: {told(answer)}"

    def unsigned_call_refused(self) -> str | None:
        answer = self.ask("POST", "/webhooks/calls", test_call(), Content_Type="application/json")
        return (
            None
            if answer.status == 401
            else f"an unsigned call is answered {answer.status}, not 401: {told(answer)}"
        )

    def unsigned_text_refused(self) -> str | None:
        form = "application/x-www-form-urlencoded"
        answer = self.ask("POST", "/webhooks/twilio/sms", b"From=%2B46701740605&Body=1", Content_Type=form)
        return (
            None
            if answer.status == 403
            else f"an unsigned text is answered {answer.status}, not 403: {told(answer)}"
        )

    def test_call_taken(self) -> str | None:
        """A signed call that says it is a test: decided, counted as a test, and nobody is invited."""
        body, secret = test_call(), self.values["CALLS_WEBHOOK_SECRET"].split()[0]
        headers = sign.headers(secret, f"msg_{token_hex(8)}", datetime.now(UTC), body)
        sent = {name.replace("-", "_"): value for name, value in headers.items()}
        answer = self.ask("POST", "/webhooks/calls", body, Content_Type="application/json", **sent)
        if answer.status != 202:
            return f"a signed test call is answered {answer.status}, not 202: {told(answer)}"
        said = answer.json()
        as_told = (said["decision"], said["reason"]) == ("not_invited", "test")
        return None if as_told else f"a test call is {said['decision']}: {said['reason']}"

    def results_need_the_token(self) -> str | None:
        without = self.ask("GET", "/api/settings")
        known = self.ask("GET", "/api/settings", Authorization=f"Bearer {self.values['API_TOKEN']}")
        right = (without.status, known.status) == (401, 200)
        return (
            None
            if right
            else f"/api/settings says {without.status} without the token and {known.status} with it"
        )


def checks(visitor: Visitor) -> dict[str, Callable[[], str | None]]:
    return {
        "health": visitor.healthy,
        "an unsigned call is refused": visitor.unsigned_call_refused,
        "an unsigned text is refused": visitor.unsigned_text_refused,
        "a signed test call is taken": visitor.test_call_taken,
        "results need the token": visitor.results_need_the_token,
    }


def wrong_with(visitor: Visitor) -> str | None:
    """What is wrong, after a while of trying; None when all is well."""
    patience = PATIENCE_HERE if visitor.url.startswith("http://127.0.0.1:") else PATIENCE
    deadline, progress = time.monotonic() + patience, Progress()
    try:
        for name, check in checks(visitor).items():
            while wrong := check():
                if time.monotonic() > deadline:
                    return wrong
                progress.show(f"smoke test: {name}")
                time.sleep(1)
    finally:
        progress.done()
    return None


def test_call() -> bytes:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return json.dumps(
        {"call_id": f"smoke-{token_hex(8)}", "caller": CALLER, "ended_at": now, "test": True}
    ).encode()


def told(answer: Answer) -> str:
    return answer.body.decode("utf-8", "replace")[:200] or "nothing"
