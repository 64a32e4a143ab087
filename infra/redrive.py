"""`python -m infra.redrive STAGE`: once what failed them is put right, dead letters are tried again.

Looks go back into the send queue: each is a note to look at one record, and a look repeated does nothing twice. Events
of Amazon Connect and Genesys Cloud are handed to their function while you wait: those that fail again stay, and a call
that is known already changes nothing. So this may be stopped and run again.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from infra import command
from infra.command import DONE, FAILED, Progress, say
from infra.place import Place, find

BATCH = 10
HELD = 300  # seconds a letter taken is ours: it comes back if we are stopped in between
STREAM = (
    "KinesisBatchInfo"  # Lambda's note of a batch of Connect's contact records: it names them, and holds none
)
Letter = dict[str, Any]


def redrive(place: Place, *, dry_run: bool = False) -> int:
    """The exit code."""
    looks, events = place.dead_letters(), place.event_letters()
    if dry_run:
        told = f", {place.waiting(events)} events of contact centres" if events else ""
        say(f"{place.waiting(looks)} looks{told} lie in the dead letters. Nothing was changed (--dry-run).")
        return DONE
    again, stay = emptied(place, looks, put_back)
    report("put back", again, stay, "no notes of ours: look at them in the SQS console")
    if not events:
        return FAILED if stay else DONE
    taken, refused = emptied(place, events, handed_over)
    report(
        "taken", taken, refused, "failed again or are batches of a stream: docs/runbook.md#calls-not-taken"
    )
    return FAILED if stay or refused else DONE


def report(done: str, kinds: Counter[str], stay: int, because: str) -> None:
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    if told or not stay:
        say(f"{done.capitalize()}: {told or 'nothing, there was none'}.")
    if stay:
        say(f"{stay} stay, {because}.")


def emptied(place: Place, queue: str, take: Callable[[Place, str], str | None]) -> tuple[Counter[str], int]:
    """What was taken, by kind, and how many letters stay. A letter goes once it is taken, not before."""
    client, progress = place.client("sqs"), Progress()
    kinds: Counter[str] = Counter()
    stay: list[str] = []
    for letter in letters(place, queue):
        if kind := take(place, letter["Body"]):
            client.delete_message(QueueUrl=queue, ReceiptHandle=letter["ReceiptHandle"])
            kinds[kind] += 1
        else:
            stay.append(letter["ReceiptHandle"])
        progress.show(f"{kinds.total()} done, {len(stay)} stay")
    for receipt in stay:
        client.change_message_visibility(QueueUrl=queue, ReceiptHandle=receipt, VisibilityTimeout=0)
    progress.done()
    return kinds, len(stay)


def letters(place: Place, queue: str) -> Iterator[Letter]:
    """Each that lies there, once."""
    client, seen = place.client("sqs"), set[str]()
    while True:
        found: list[Letter] = client.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=BATCH, VisibilityTimeout=HELD, WaitTimeSeconds=1
        ).get("Messages", [])
        fresh = [letter for letter in found if letter["MessageId"] not in seen]
        if not fresh:
            return
        seen |= {letter["MessageId"] for letter in fresh}
        yield from fresh


def put_back(place: Place, body: str) -> str | None:
    """What it asks to look at, in the send queue again; None for what is no note of ours."""
    note = document(body)
    if note.get("kind") not in ("survey", "callback") or not isinstance(note.get("id"), str):
        return None
    place.client("sqs").send_message(QueueUrl=place.settings.send_queue_url, MessageBody=body)
    return f"looks at {note['kind']}s"


def handed_over(place: Place, body: str) -> str | None:
    """Whose event it was, taken now by the function it was for; None when it fails, or is none."""
    event = document(body)
    if "detail" not in event or STREAM in event:
        return None
    connect = event.get("source") == "aws.connect"
    answer = place.client("lambda").invoke(
        FunctionName=place.function("Connect" if connect else "Genesys"), Payload=body.encode()
    )
    if answer.get("FunctionError"):
        return None
    return f"events of {'Amazon Connect' if connect else 'Genesys Cloud'}"


def document(body: str) -> dict[str, Any]:
    """The letter as JSON; empty for what is none."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def main(arguments: Sequence[str]) -> int:
    parser = command.parser("redrive", __doc__ or "")
    parser.add_argument("--dry-run", action="store_true", help="count only")
    given = parser.parse_args(arguments)
    return command.run(lambda: redrive(find(given.stage), dry_run=given.dry_run))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
