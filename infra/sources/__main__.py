"""Connecting a contact centre: see what a recorded message becomes, and post messages signed."""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from infra.sources import batch
from infra.sources.check import NAMES, check
from infra.sources.post import messages, post
from infra.sources.recorded import read

SIGNED = ("3cx", "asterisk", "calls", "freeswitch")  # the others sign for themselves, or come as events


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    commands = {"check": _check, "post": _post, "import": _import}
    return commands[options.command](options)


def _check(options: argparse.Namespace) -> int:
    content = sys.stdin.buffer.read() if options.file == Path("-") else options.file.read_bytes()
    print(json.dumps(check(options.source, read(content), options.zone), ensure_ascii=False))
    return 0


def _post(options: argparse.Namespace) -> int:
    """0 when everything was taken; files that were not may be posted again, nothing is surveyed twice."""
    secret = _secret()
    if not secret:
        return 2
    url = f"{options.url.rstrip('/')}/webhooks/{options.source}"
    left = 0
    for name, body in messages(options.files, iter(sys.stdin.buffer.readline, b"")):
        taken, said = post(url, secret, body, pause=lambda attempt: time.sleep(2**attempt))
        left += not taken
        print(f"{name}: {said}", file=sys.stdout if taken else sys.stderr, flush=True)
    return 1 if left else 0


def _import(options: argparse.Namespace) -> int:
    """0 when every row was taken, 1 when some were refused or the service went away, 2 when it cannot begin."""
    secret = "" if options.dry_run else _secret()
    if not secret and not options.dry_run:
        return 2
    url = f"{(options.url or '').rstrip('/')}/webhooks/calls"

    def send(body: bytes) -> tuple[bool, str]:
        return post(url, secret, body, pause=lambda attempt: time.sleep(2**attempt))

    try:
        outcome = batch.run(options.file, None if options.dry_run else send)
    except (OSError, UnicodeDecodeError) as error:
        print(f"stopped: {error}. Run it again to go on from there.", file=sys.stderr)
        return 1
    done = "would be taken" if options.dry_run else "taken"
    print(f"{outcome.taken} calls {done}, {outcome.refused} refused, {outcome.skipped} done before")
    if outcome.refused:
        print(f"refused rows, with line and reason: {options.file}.refused.csv", file=sys.stderr)
    return 1 if outcome.refused else 0


def _secret() -> str:
    """The first signing secret, or nothing and a word about it."""
    secrets = os.environ.get("CALLS_WEBHOOK_SECRET", "").split()
    if not secrets:
        told = "CALLS_WEBHOOK_SECRET is not set: it is the secret the service was deployed with"
        print(told, file=sys.stderr)
    return secrets[0] if secrets else ""


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
    importing = commands.add_parser("import", help="post every call of a .csv or .jsonl file; resumable")
    importing.add_argument(
        "file", type=_file, metavar="FILE", help="columns as the fields of POST /webhooks/calls"
    )
    importing.add_argument("--url", help="the service's PUBLIC_URL")
    importing.add_argument("--dry-run", action="store_true", help="only check the rows, post nothing")
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
