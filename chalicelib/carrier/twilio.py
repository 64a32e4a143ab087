"""Twilio's REST API: send, call, look up, and its signature. `twilio.rest` is imported at the first request."""

import logging
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from chalicelib.carrier.codes import of_call, of_error, of_message
from chalicelib.dataclass import dataclass
from chalicelib.errors import CarrierError, Unknown
from chalicelib.events import Outcome

if TYPE_CHECKING:
    from twilio.rest import Client

TIMEOUT_SECONDS = 10.0  # the client's own default is none
RETRY = "#rc=3&rp=5xx,ct,rt"  # on every URL we hand out; Twilio's own default gives up at the first 5xx
CLOCKS_APART = timedelta(seconds=10)  # how far the carrier's clock may be from ours
RING_SECONDS = 30
NOT_THERE = 20404


@dataclass(slots=True)
class Twilio:
    """One account. Every method raises CarrierError, with the outcome it means, or Unknown."""

    account_sid: str
    auth_tokens: tuple[str, ...]  # first: ours to ask with
    sender: str  # a number, or a messaging service "MG…"
    voice_from: str
    public_url: str
    api_url: str | None = None  # None: Twilio's own
    _client: "Client | None" = field(default=None, init=False)

    def url(self, path: str) -> str:
        """One of our own addresses, as handed to the carrier."""
        return f"{self.public_url}{path}{RETRY}"

    def send(self, to: str, body: str, status_path: str | None) -> str:
        """The message's sid. A status callback is asked for where a path is given."""
        source = {"messaging_service_sid" if self.sender.startswith("MG") else "from_": self.sender}
        callback = {"status_callback": self.url(status_path)} if status_path else {}
        return str(self._request(lambda api: api.messages.create(to=to, body=body, **source, **callback)).sid)

    def call(self, to: str, path: str, status_path: str) -> str:
        """Ring `to`; what is said comes from `path`. A machine is detected before anybody speaks."""
        return str(
            self._request(
                lambda api: api.calls.create(
                    to=to,
                    from_=self.voice_from,
                    url=self.url(path),
                    status_callback=self.url(status_path),
                    status_callback_event=["completed"],
                    machine_detection="Enable",
                    timeout=RING_SECONDS,
                )
            ).sid
        )

    def look_up_text(self, to: str, body: str, since: datetime) -> tuple[Outcome, str | None]:
        """What became of a text we may have sent, found by addressee, wording and time; NOT_FOUND without one."""
        listed = self._request(lambda api: api.messages.list(to=to, limit=50))
        for message in listed:
            if message.body == body and message.date_created >= since - CLOCKS_APART:
                return of_message(message.status, message.error_code) or Outcome.ACCEPTED, message.sid
        return Outcome.NOT_FOUND, None

    def look_up_call(self, to: str, since: datetime) -> tuple[Outcome, str | None]:
        listed = self._request(lambda api: api.calls.list(to=to, limit=20))
        for call in listed:
            if call.date_created >= since - CLOCKS_APART:
                form = {"CallStatus": call.status, "AnsweredBy": call.answered_by or ""}
                return of_call(form) or Outcome.ACCEPTED, call.sid
        return Outcome.NOT_FOUND, None

    def records(self, number: str) -> list[str]:
        """Its records of texts and calls between this number and us, as `messages/SM…`, `calls/CA…`."""
        sides: tuple[dict[str, str], ...] = ({"to": number}, {"from_": number})
        listed = self._request(
            lambda api: [
                f"{kind}/{record.sid}"
                for kind in ("messages", "calls")
                for side in sides
                for record in getattr(api, kind).list(page_size=1000, **side)
                if self._ours(record)
            ]
        )
        return list(dict.fromkeys(listed))

    def delete(self, record: str) -> bool:
        """Whether it is gone. What is under way cannot be deleted yet (20009)."""
        kind, _, sid = record.partition("/")
        try:
            return bool(self._request(lambda api: getattr(api, kind)(sid).delete()))
        except Unknown:
            return False
        except CarrierError as error:
            return error.code == NOT_THERE

    def _ours(self, record: Any) -> bool:
        """Other numbers of the account, the contact centre's say, keep their records."""
        source = getattr(record, "from_", None) or getattr(record, "_from", None)  # a message's, a call's
        service = getattr(record, "messaging_service_sid", None)
        return not {self.sender, self.voice_from}.isdisjoint({record.to, source, service})

    def reachable(self) -> bool:
        self._request(lambda api: api.api.v2010.accounts(self.account_sid).fetch())
        return True

    def signed(self, path: str, form: Mapping[str, str], signature: str) -> bool:
        """Whether Twilio sent this form to this path of ours. The fragment is never part of it."""
        from twilio.request_validator import RequestValidator  # only webhooks need it

        url, told = self.public_url + path, dict(form)
        return any(RequestValidator(token).validate(url, told, signature) for token in self.auth_tokens)

    def _request(self, ask: Any) -> Any:
        from requests.exceptions import ConnectTimeout, RequestException
        from twilio.base.exceptions import TwilioException, TwilioRestException

        try:
            return ask(self._connected())
        except TwilioRestException as error:
            outcome = of_error(error.code, error.status)
            if outcome is Outcome.UNKNOWN:
                raise Unknown(f"the carrier answered {error.status}") from error
            raise CarrierError(f"the carrier refused: {error.code}", outcome, error.code) from error
        except ConnectTimeout as error:
            raise CarrierError("the carrier could not be reached", Outcome.WAIT) from error
        except (RequestException, TwilioException) as error:
            raise Unknown(f"the connection to the carrier broke: {type(error).__name__}") from error

    def _connected(self) -> "Client":
        """The client, made at the first request: importing it costs a cold start 140 ms and 36 MB."""
        if self._client is None:
            from twilio.http.http_client import TwilioHttpClient
            from twilio.rest import Client

            http = TwilioHttpClient(timeout=TIMEOUT_SECONDS)
            http.logger.setLevel(logging.WARNING)  # it writes every request out, numbers and all
            if self.api_url:
                _redirect(http, self.api_url)
            self._client = Client(self.account_sid, self.auth_tokens[0], http_client=http)
        return self._client


def _redirect(http: Any, api_url: str) -> None:
    """Send the client's requests to another address: it has no setting for that."""
    there, request = urlsplit(api_url), http.request

    def elsewhere(method: str, url: str, *arguments: Any, **options: Any) -> Any:
        moved = urlsplit(url)._replace(scheme=there.scheme, netloc=there.netloc)
        return request(method, urlunsplit(moved), *arguments, **options)

    http.request = elsewhere
