"""`python -m infra.redrive STAGE`: put dead letters back into the send queue, once what failed them is put right.

Each is a note to look at one record; a look repeated does nothing twice, so this may be stopped and run again.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from infra import command
from infra.command import DONE, FAILED, say
from infra.place import Place, find

BATCH = 10
HELD = 60  # seconds a letter taken is ours: it comes back if we are stopped in between


def redrive(place: Place, *, dry_run: bool = False) -> int:
    """The exit code."""
    dead = place.dead_letters()
    if dry_run:
        say(f"{place.waiting(dead)} dead letters. Nothing was changed (--dry-run).")
        return DONE
    moved: Counter[str] = Counter()
    odd = 0
    while letters := taken(place, dead):
        for letter in letters:
            kind = kind_of(letter["Body"])
            if kind is None:
                odd += 1
                continue
            move(place, dead, letter)
            moved[kind] += 1
    told = ", ".join(f"{count} of a {kind}" for kind, count in sorted(moved.items()))
    say(f"Put back: {told}." if moved else "There was nothing to put back.")
    if odd:
        say(f"{odd} are no notes of ours and stay: look at them in the SQS console.")
    return FAILED if odd else DONE


def taken(place: Place, dead: str) -> list[dict[str, Any]]:
    client = place.client("sqs")
    found: list[dict[str, Any]] = client.receive_message(
        QueueUrl=dead, MaxNumberOfMessages=BATCH, VisibilityTimeout=HELD, WaitTimeSeconds=1
    ).get("Messages", [])
    return found


def move(place: Place, dead: str, letter: dict[str, Any]) -> None:
    """Sent first, deleted then: stopped in between, it is looked at twice, which is harmless."""
    client = place.client("sqs")
    client.send_message(QueueUrl=place.settings.send_queue_url, MessageBody=letter["Body"])
    client.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])


def kind_of(body: str) -> str | None:
    """ "survey" or "callback"; None for what is no note of ours."""
    try:
        note = json.loads(body)
    except ValueError:
        return None
    fits = (
        isinstance(note, dict)
        and note.get("kind") in ("survey", "callback")
        and isinstance(note.get("id"), str)
    )
    return str(note["kind"]) if fits else None


def main(arguments: Sequence[str]) -> int:
    parser = command.parser("redrive", __doc__ or "")
    parser.add_argument("--dry-run", action="store_true", help="count only")
    given = parser.parse_args(arguments)
    return command.run(lambda: redrive(find(given.stage), dry_run=given.dry_run))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
