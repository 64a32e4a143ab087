"""Who may see what: a bearer token for scripts, the same token behind a signed cookie for pages.

Until OpenID Connect comes there is one token with full access; `Person` is where roles and teams will stand.
"""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from chalicelib.dataclass import dataclass
from chalicelib.errors import Forbidden, Unauthorised

COOKIE = "aftercall"
LASTS = timedelta(hours=12)  # real time: a moved clock must not sign anybody in or out
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in. `name` holds callbacks and stands in the history of settings."""

    name: str
    csrf: str = ""  # empty for a bearer token, which no browser sends by itself


@dataclass(frozen=True, slots=True)
class Door:
    """Checks tokens and cookies with the stage's own key."""

    token: str
    key: bytes
    public_url: str

    def bearer(self, header: str) -> Person:
        """Raises Unauthorised."""
        scheme, _, given = header.partition(" ")
        if scheme.lower() != "bearer" or not self.is_token(given.strip()):
            raise Unauthorised("Authorization: send a valid bearer token")
        return Person("api")

    def is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode())

    def cookie(self, name: str) -> str:
        """The Set-Cookie value that signs `name` in."""
        expires = int((datetime.now(UTC) + LASTS).timestamp())
        shown = base64.urlsafe_b64encode(name.strip()[:LONGEST_NAME].encode()).decode().rstrip("=")
        value = f"{expires}.{shown}"
        return f"{COOKIE}={value}.{self._sign(value)}; {self._flags(int(LASTS.total_seconds()))}"

    def no_cookie(self) -> str:
        """The Set-Cookie value that signs out."""
        return f"{COOKIE}=; {self._flags(0)}"

    def signed_in(self, header: str) -> Person | None:
        """Whom the Cookie header signs in; None for nobody."""
        pairs = (pair.strip().partition("=") for pair in header.split(";"))
        value = next((value for name, _, value in pairs if name == COOKIE), "")
        content, _, signature = value.rpartition(".")
        if not content or not hmac.compare_digest(signature.encode(), self._sign(content).encode()):
            return None
        expires, _, shown = content.partition(".")
        if int(expires) < datetime.now(UTC).timestamp():
            return None
        name = base64.urlsafe_b64decode(shown + "=" * (-len(shown) % 4)).decode()
        return Person(name or "team lead", self._sign(f"csrf:{content}"))

    def check_form(self, person: Person, csrf: str) -> None:
        """Raises Forbidden for a form that our own page did not make."""
        if not self.is_form_of(person, csrf):
            raise Forbidden("the form is too old: reload the page and try again")

    def is_form_of(self, person: Person, csrf: str) -> bool:
        return not person.csrf or hmac.compare_digest(person.csrf.encode(), csrf.encode())

    def _sign(self, text: str) -> str:
        return hmac.new(self.key, text.encode(), sha256).hexdigest()[:40]

    def _flags(self, seconds: int) -> str:
        secure = "; Secure" if self.public_url.startswith("https:") else ""
        return (
            f"Path={urlsplit(self.public_url).path or '/'}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
        )
