"""What an adapter makes of one recorded message: the test kit for a centre that is being connected."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, tzinfo

from chalicelib import sources
from chalicelib.errors import BadRequest
from chalicelib.events import CallEnded
from chalicelib.sources import NotACall, amazon_connect, calls, flex, genesys_cloud, strict, twilio
from infra.sources.recorded import Recorded

Result = CallEnded | NotACall


def check(source: str, recorded: Recorded, zone: tzinfo) -> dict[str, object]:
    """`{"call_ended": {…}|null, "refused": "reason"|null}`, in the words of `POST /webhooks/calls`."""
    try:
        ended = READ[source](recorded) if source in READ else sources.posted(source, recorded.body, zone)
    except BadRequest as error:
        return {"call_ended": None, "refused": str(error)}
    if isinstance(ended, NotACall):
        return {"call_ended": None, "refused": ended.reason}
    return {"call_ended": described(ended), "refused": None}


def described(ended: CallEnded) -> dict[str, object]:
    found = asdict(ended)
    wait, talk = found.pop("wait"), found.pop("talk")
    return found | {
        "ended_at": ended.ended_at.isoformat(),
        "started_at": ended.started_at.isoformat() if ended.started_at else None,
        "wait_seconds": wait.total_seconds() if wait is not None else None,
        "talk_seconds": talk.total_seconds() if talk is not None else None,
    }


def _twilio(recorded: Recorded) -> Result:
    return twilio.call_status(recorded.form(), datetime.now(UTC))


def _flex(recorded: Recorded) -> Result:
    return flex.task_event(recorded.form())


def _calls(recorded: Recorded) -> Result:
    return calls.parse(recorded.body)


def _amazon_connect(recorded: Recorded) -> Result:
    return amazon_connect.parse(strict.document(recorded.body), lambda _, contact: _known(recorded, contact))


def _genesys_cloud(recorded: Recorded) -> Result:
    return genesys_cloud.parse(strict.document(recorded.body), lambda id: _known(recorded, id))


def _known(recorded: Recorded, id: str) -> dict[str, object]:
    found = recorded.looked_up.get(id)
    return found if isinstance(found, dict) else {}


READ: dict[str, Callable[[Recorded], Result]] = {
    "calls": _calls,
    "twilio": _twilio,
    "flex": _flex,
    "amazon_connect": _amazon_connect,
    "genesys_cloud": _genesys_cloud,
}
NAMES = sorted([*READ, *sources.POSTED])
