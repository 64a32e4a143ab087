"""Recordings, fetched as Twilio does before it plays them: no sound, no playing."""

import http.client
import urllib.error
import urllib.request
from urllib.parse import urlsplit

# https://www.twilio.com/docs/voice/twiml/play
TYPES = frozenset(
    f"audio/{kind}"
    for kind in ("mpeg", "wav", "wave", "x-wav", "aiff", "x-aifc", "x-aiff", "x-gsm", "gsm", "ulaw")
)
NO_ANSWER, NO_SOUND, NO_SOUND_IN_GATHER = 11200, 13420, 13325  # Twilio's codes
PATIENCE = 15.0  # seconds


def problem(url: str, in_gather: bool) -> tuple[int, str] | None:
    """Why the recording cannot be played, with Twilio's code; None when it can."""
    if urlsplit(url).scheme not in ("http", "https"):
        return NO_ANSWER, "no address of a recording"
    asked = urllib.request.Request(url, headers={"Accept": "*/*", "User-Agent": "TwilioProxy/1.1"})
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            kind, size = answer.headers.get_content_type(), len(answer.read())
    except urllib.error.HTTPError as error:
        return NO_ANSWER, f"no recording: {error.code}"
    except (OSError, ValueError, http.client.HTTPException) as error:  # no such host; no such address
        return NO_ANSWER, f"no recording: {error}"
    if kind not in TYPES or not size:
        return (NO_SOUND_IN_GATHER if in_gather else NO_SOUND), f"content type {kind}, {size} bytes: no sound"
    return None
