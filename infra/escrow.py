"""`python -m infra.escrow STAGE`: prove, once a year, that the sealed copy of PHONE_KEY is there and right.

Type the key from the paper. Nothing is shown; the date of the proof is noted, and `handover` tells its age.
"""

import getpass
import hashlib
import hmac
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from infra import command, values
from infra.aws import Cloud, connect
from infra.command import DONE, FAILED, OpsError, say
from infra.stage import Stage


def fingerprint(key: str) -> str:
    """Tells keys apart and gives nothing away."""
    return hashlib.sha256(b"aftercall phone key " + key.encode()).hexdigest()[:8]


def note_shown(cloud: Cloud, key: str) -> None:
    """A new key was shown; nobody has proved yet that a copy is kept."""
    note(cloud, {"fingerprint": fingerprint(key), "shown_at": today(), "proved_at": None})


def state(cloud: Cloud) -> dict[str, str | None]:
    """`{"fingerprint", "shown_at", "proved_at"}`, dates or None; empty before the first deployment."""
    found: dict[str, str | None] = json.loads(values.read(cloud).get(values.ESCROW, "{}"))
    return found


def note(cloud: Cloud, known: dict[str, str | None]) -> None:
    values.write(cloud, values.ESCROW, json.dumps(known))


def prove(cloud: Cloud, typed: str) -> bool:
    """Whether what was typed is the key in use; the proof is noted if so."""
    key = values.read(cloud).get("PHONE_KEY")
    if key is None:
        raise OpsError(f"{cloud.stage.name} has no PHONE_KEY: deploy it first")
    if not hmac.compare_digest(" ".join(typed.split()).encode(), key.encode()):
        return False
    note(cloud, {"shown_at": None, **state(cloud), "fingerprint": fingerprint(key), "proved_at": today()})
    return True


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def main(arguments: Sequence[str]) -> int:
    given = command.parser("escrow", __doc__ or "").parse_args(arguments)

    def proved() -> int:
        cloud = connect(Stage.read(given.stage))
        typed = (
            getpass.getpass("PHONE_KEY, from the sealed copy: ")
            if sys.stdin.isatty()
            else sys.stdin.readline()
        )
        if not prove(cloud, typed):
            return command.say_no("That is not the key in use. Find the right copy, or make one now.", FAILED)
        say(f"Right. Noted: proved on {today()}.")
        return DONE

    return command.run(proved)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
