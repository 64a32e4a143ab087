"""The last failures in a stage's own log, for whoever has just seen its smoke test fail."""

import json
from collections.abc import Iterator
from datetime import datetime

from botocore.exceptions import ClientError

from infra.aws import Cloud

MOST = 3
WIDTH = 300  # of a line


def failures(cloud: Cloud, since: datetime) -> list[str]:
    """The newest different ones of the function that answers requests; none where there is no log to read."""
    events = cloud.client("logs").get_paginator("filter_log_events").paginate(
        logGroupName=f"/aftercall/{cloud.stage.name}/app", startTime=int(since.timestamp() * 1000)
    )  # fmt: skip
    try:
        found = [failed for page in events for event in page["events"] for failed in told(event["message"])]
    except ClientError:  # gone, not made yet, or not for us to read: the failure itself is told elsewhere
        return []
    return list(dict.fromkeys(reversed(found)))[:MOST]


def told(message: str) -> Iterator[str]:
    """What went wrong, if this line says so: a traceback's last line, or Lambda's own words."""
    try:
        line = json.loads(message)
    except ValueError:
        last = message.strip().rpartition("\n")[2]
        if "Error" in last or "Task timed out" in last:
            yield last[:WIDTH]
        return
    if isinstance(line, dict) and line.get("level") in ("ERROR", "CRITICAL"):
        yield (str(line.get("exception") or line.get("message", "")).strip().rpartition("\n")[2])[:WIDTH]
    elif isinstance(line, dict) and "errorMessage" in line:
        yield f"{line.get('errorType', 'Error')}: {line['errorMessage']}"[:WIDTH]
