"""The carrier's own interface, asked directly: what the service never needs, and its port does not offer."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from infra.place import Place

Json = Mapping[str, Any]
API, MESSAGING, VOICE, ACCOUNTS = "api", "messaging", "voice", "accounts"  # hosts: api.twilio.com …
PAGES = 20  # of a list, at most


@dataclass(frozen=True, slots=True)
class Reply:
    status: int  # 0: nobody answered
    body: Json
    at: datetime | None = None  # by the carrier's clock

    @property
    def code(self) -> int:
        return int(self.body.get("code") or 0)


@dataclass(frozen=True, slots=True)
class Rest:
    """One account."""

    account: str
    token: str
    stand_in: str = ""  # the address of what stands in for Twilio

    @classmethod
    def of(cls, place: Place) -> "Rest":
        env = place.env
        return cls(
            env.get("TWILIO_ACCOUNT_SID", ""),
            next(iter(env.get("TWILIO_AUTH_TOKEN", "").split()), ""),
            env.get("TWILIO_API_URL", "").rstrip("/"),
        )

    def own(self, path: str) -> str:
        """Of the account: `Messages.json`."""
        return f"/2010-04-01/Accounts/{self.account}{path}"

    def get(self, path: str, host: str = API, **asked: str | int) -> Reply:
        query = f"?{urlencode(asked)}" if asked else ""
        return self.request("GET", f"{path}{query}", host)

    def request(self, method: str, path: str, host: str = API) -> Reply:
        base = self.stand_in or f"https://{host}.twilio.com"
        request = urllib.request.Request(base + path, method=method)
        keys = base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        request.add_header("Authorization", f"Basic {keys}")
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return Reply(answer.status, _json(answer.read()), _time(answer.headers.get("Date")))
        except urllib.error.HTTPError as error:
            return Reply(error.code, _json(error.read()), _time(error.headers.get("Date")))
        except OSError as error:
            return Reply(0, {"message": str(error)})

    def all(self, path: str, name: str, **asked: str | int) -> Iterator[Json]:
        """Every record of a list, page by page."""
        reply = self.request("GET", f"{path}?{urlencode({'PageSize': 1000, **asked})}")
        for _ in range(PAGES):
            yield from reply.body.get(name, ())
            following = reply.body.get("next_page_uri")
            if not following:
                return
            reply = self.request("GET", str(following))


def _json(raw: bytes) -> Json:
    try:
        found = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _time(header: str | None) -> datetime | None:
    return parsedate_to_datetime(header) if header else None
