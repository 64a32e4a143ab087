"""Posting messages, signed: for telephone exchanges that can write a file or a line but cannot sign."""

import hashlib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from infra.sources.recorded import read
from infra.sources.sign import headers

ATTEMPTS = 5
PASSING = (429, 500, 502, 503, 504)  # worth another try


def messages(paths: list[Path], lines: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    """What to post, with the name to report it by: whole files, or standard input line by line."""
    for path in paths:
        yield str(path), read(path.read_bytes()).body
    if not paths:
        yield from ((f"line {number}", line) for number, line in enumerate(lines, 1) if line.strip())


def post(url: str, secret: str, body: bytes, pause: Callable[[int], None]) -> tuple[bool, str]:
    """Whether the service took it, and what it said. `pause(attempt)` waits before another try.

    The id is made from the message: posted twice, it is the same message.
    """
    said = "not tried"
    for attempt in range(ATTEMPTS):
        if attempt:
            pause(attempt)
        try:
            return True, _once(url, secret, body)
        except urllib.error.HTTPError as error:
            said = f"{error.code} {error.read(500).decode('utf-8', 'replace')}"
            if error.code not in PASSING:
                return False, said
        except OSError as error:  # not reached: URLError and time-outs are OSErrors
            said = f"not reached: {error}"
    return False, said


def _once(url: str, secret: str, body: bytes) -> str:
    signed = headers(secret, hashlib.sha256(body).hexdigest(), datetime.now(UTC), body)
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"} | signed)
    with urllib.request.urlopen(request, timeout=15) as answer:
        return f"{answer.status} {answer.read(500).decode('utf-8', 'replace')}"
