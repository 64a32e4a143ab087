"""The adapter that docs/sources.md shows is the one a reader will start from: it must work as printed."""

import json
import re
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.events import CallEnded
from chalicelib.sources import NotACall

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("## Writing a new adapter") :]
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def shown() -> dict[str, Any]:
    block = re.search(r'^    """Exempel PBX.*?(?=^\S)', SECTION, re.DOTALL | re.MULTILINE)
    assert block
    names: dict[str, Any] = {}
    exec(textwrap.dedent(block[0]), names)
    return names


def sample() -> bytes:
    message = re.search(r"`(\{.*?\})`:", SECTION)
    assert message
    return message[1].encode()


def test_the_adapter_shown_reads_the_message_shown() -> None:
    assert shown()["parse"](sample(), STOCKHOLM) == CallEnded(
        call_id="e-17",
        caller="070-174 06 12",
        ended_at=datetime(2026, 11, 21, 10, 2, 41, tzinfo=UTC),
        language="sv",
        agent="a-17",
    )


def test_the_adapter_shown_refuses_what_is_no_call() -> None:
    fax = json.dumps(json.loads(sample()) | {"kind": "fax"}).encode()
    assert shown()["parse"](fax, STOCKHOLM) == NotACall("a fax")
