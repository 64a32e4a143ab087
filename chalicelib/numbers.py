"""Phone numbers: spelling, kind, the keyed hash that finds a caller, and the seal that hides the number."""

import base64
import hmac
import os
import re
from collections.abc import Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chalicelib.dataclass import dataclass

# Six digits or more, in any script and however they are set apart; and addresses of mail.
IDENTIFYING = re.compile(r"\+?\d(?:[\s()./-]{0,2}\d){5,}|[\w.+-]+@[\w-]+\.[\w.-]+")
MOBILE_PREFIX_GONE = (
    re.compile(r"^\+521(\d{10})$"),
    re.compile(r"^\+549(\d{10})$"),
)  # Mexico, Argentina: one caller, two spellings


@dataclass(frozen=True, slots=True)
class Number:
    """A possible phone number."""

    e164: str  # "+46701740612"
    channel: str | None  # "sms", "voice", or None: premium, pager and their kind are not for us
    region: str  # "SE"; "" where the plan does not say


def parse(text: str | None, region: str | None = None) -> Number | None:
    """The number in `text`, or None. A possible number is enough: those reserved for fiction are not "valid"."""
    if not text or len(text) > 40:
        return None
    import phonenumbers  # with the first number: a tenth of all imports, and pages, rates and sweeps read none

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    channel = _channel(phonenumbers.number_type(number))
    return Number(e164, channel, phonenumbers.region_code_for_number(number) or "")


def _channel(kind: int) -> str | None:
    from phonenumbers import PhoneNumberType as Kind

    match kind:
        case Kind.MOBILE | Kind.FIXED_LINE_OR_MOBILE | Kind.UNKNOWN:
            return "sms"  # the second is all of North America; the third possible but unassigned: those for fiction
        case Kind.FIXED_LINE | Kind.VOIP:
            return "voice"
    return None


def in_text(text: str, region: str) -> Number | None:
    """The only phone number in a reply such as "ring 070-174 06 12 instead"; None with none or several."""
    import phonenumbers

    matches = phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.POSSIBLE)
    found = {
        phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164) for match in matches
    }
    return parse(found.pop()) if len(found) == 1 else None


def screened(text: str) -> str:
    """A remark without what identifies: phone, personal and card numbers, and addresses of mail."""
    return IDENTIFYING.sub("[…]", text)


def masked(e164: str) -> str:
    """What a screen shows before a callback is claimed: "hidden, ends in 12"."""
    return f"•••• {e164[-2:]}"


@dataclass(frozen=True, slots=True)
class Vault:
    """Keyed hash and seal, each under its own key derived from every PHONE_KEY ever used; the first is in use."""

    keys: Sequence[bytes]

    def hash(self, e164: str) -> str:
        """The caller's key: 32 hex digits, useless without PHONE_KEY."""
        return self._hash(e164, self.keys[0])

    def hashes(self, e164: str) -> list[str]:
        """The caller's key under every PHONE_KEY ever used, newest first."""
        return [self._hash(e164, key) for key in self.keys]

    def survey_id(self, call_id: str) -> str:
        """The record's id for a call: found again without a look-up table, and it tells nothing."""
        digest = hmac.digest(_derived(self.keys[-1], b"hash"), b"survey:" + call_id.encode(), sha256)
        return base64.b32encode(digest).decode()[:26].lower()

    def seal(self, e164: str, bound_to: str) -> bytes:
        """Encrypted and tied to the record it lies in (AES-256-GCM)."""
        nonce = os.urandom(12)
        return nonce + AESGCM(_derived(self.keys[0], b"seal")).encrypt(
            nonce, e164.encode(), bound_to.encode()
        )

    def open(self, sealed: bytes, bound_to: str) -> str:
        """The number again. Raises InvalidTag when no key of ours fits, or it was sealed for another record."""
        *older, last = self.keys
        for key in older:
            try:
                return self._open(sealed, bound_to, key)
            except InvalidTag:
                continue  # sealed before the key was rotated: try the next older one
        return self._open(sealed, bound_to, last)

    def _open(self, sealed: bytes, bound_to: str, key: bytes) -> str:
        cipher = AESGCM(_derived(key, b"seal"))
        return cipher.decrypt(sealed[:12], sealed[12:], bound_to.encode()).decode()

    def _hash(self, e164: str, key: bytes) -> str:
        for spelling in MOBILE_PREFIX_GONE:
            e164 = spelling.sub(lambda match: match.group(0)[:3] + match.group(1), e164)
        return hmac.digest(_derived(key, b"hash"), e164.encode(), sha256).hex()[:32]


def _derived(key: bytes, purpose: bytes) -> bytes:
    """HKDF-Expand of RFC 5869 for one block: the 32 random bytes of PHONE_KEY need no extraction step."""
    return hmac.digest(key, b"aftercall:" + purpose + b"\x01", sha256)
