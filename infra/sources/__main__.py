"""Connecting a contact centre: see what a recorded message becomes, and post messages signed."""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from infra.sources.check import NAMES, check
from infra.sources.post import messages, post
from infra.sources.recorded import read

SIGNED = ("3cx", "asterisk", "calls", "freeswitch")  # the others sign for themselves, or come as events


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    return _post(options) if options.command == "post" else _check(options)


def _check(options: argparse.Namespace) -> int:
    content = sys.stdin.buffer.read() if options.file == Path("-") else options.file.read_bytes()
    print(json.dumps(check(options.source, read(content), options.zone), ensure_ascii=False))
    return 0


def _post(options: argparse.Namespace) -> int:
    """0 when everything was taken; files that were not may be posted again, nothing is surveyed twice."""
    secret = os.environ.get("CALLS_WEBHOOK_SECRET", "").split()
    if not secret:
        print(
            "CALLS_WEBHOOK_SECRET is not set: it is the secret the service was deployed with", file=sys.stderr
        )
        return 2
    url = f"{options.url.rstrip('/')}/webhooks/{options.source}"
    left = 0
    for name, body in messages(options.files, iter(sys.stdin.buffer.readline, b"")):
        taken, said = post(url, secret[0], body, pause=lambda attempt: time.sleep(2**attempt))
        left += not taken
        print(f"{name}: {said}", file=sys.stdout if taken else sys.stderr, flush=True)
    return 1 if left else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.sources", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    checking = commands.add_parser("check", help="print what one recorded message would become, as JSON")
    checking.add_argument("source", choices=NAMES, metavar="SOURCE", help=", ".join(NAMES))
    checking.add_argument(
        "file", type=_file, metavar="FILE", help="raw body or recorded JSON; - is standard input"
    )
    zone = os.environ.get("TIMEZONE", "Europe/Stockholm")
    checking.add_argument("--zone", type=_zone, default=zone, help=f"zone of local times ({zone})")
    posting = commands.add_parser("post", help="post messages, signed with CALLS_WEBHOOK_SECRET")
    posting.add_argument("source", choices=SIGNED, metavar="SOURCE", help=", ".join(SIGNED))
    posting.add_argument(
        "files", type=_file, nargs="*", metavar="FILE", help="none: each line of standard input"
    )
    posting.add_argument("--url", required=True, help="the service's PUBLIC_URL")
    return parser


def _file(name: str) -> Path:
    path = Path(name)
    if name != "-" and not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {name}")
    return path


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{name} is no time zone; write it as Europe/Stockholm") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
