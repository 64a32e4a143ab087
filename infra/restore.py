"""`python -m infra.restore STAGE --at TIME`: the table as it was, beside the one in use; or what is missing, back.

Without more it is the drill: a table of its own is made from that moment, counted, noted for the handover page, and
left for you to look at and delete. --bring-back puts records that the table in use no longer has back into it; it
overwrites nothing, and leaves out what was erased on request since.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.store.dynamo import Table
from chalicelib.store.erasure import Erasure
from infra import command, values
from infra.aws import Cloud
from infra.backup import on_aws, table_of, window
from infra.command import DONE, FAILED, OpsError, Progress, agreed, say
from infra.place import Place, find

NOTE = "RESTORE_DRILL"  # in Parameter Store: the day of the last one
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for."""

    at: datetime
    bring_back: bool = False
    yes: bool = False
    dry_run: bool = False


def restore(place: Place, wish: Wish, every: float = 15) -> int:
    """The exit code; `every` so many seconds it looks whether AWS is done."""
    cloud = on_aws(place)
    table = table_of(cloud)
    name = f"{table}-{wish.at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    say(window(cloud, table))
    if wish.dry_run:
        say(f"Would restore to the new table {name}. Nothing was changed (--dry-run).")
        return DONE
    if not agreed(f"Make {name} from {table} as it was at {wish.at.isoformat()}?", wish.yes):
        raise OpsError("Nothing was changed.")
    begin(cloud, table, name, wish.at)
    wait(cloud, name, every)
    counted = sum(1 for _ in items(cloud, name))
    say(f"{name} holds {counted} records.")
    values.write(cloud, NOTE, datetime.now(UTC).date().isoformat())
    if not wish.bring_back:
        say(f"Look, and delete it then: aws dynamodb delete-table --table-name {name}")
        return DONE
    return bring_back(place, cloud, table, name)


def begin(cloud: Cloud, table: str, name: str, at: datetime) -> None:
    """Unless it was begun before."""
    client = cloud.client("dynamodb")
    if name in client.list_tables(ExclusiveStartTableName=name[:-1])["TableNames"]:
        say(f"{name} is there already: going on from it.")
        return
    try:
        client.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=name, RestoreDateTime=at)
    except client.exceptions.PointInTimeRecoveryUnavailableException as error:
        raise OpsError(f"{table} has no point-in-time recovery", FAILED) from error
    except client.exceptions.InvalidRestoreTimeException as error:
        raise OpsError(f"{table} cannot be restored to {at.isoformat()}", FAILED) from error


def wait(cloud: Cloud, name: str, every: float) -> None:
    """Restoring takes AWS from ten minutes to hours."""
    progress = Progress()
    while (
        status := cloud.client("dynamodb").describe_table(TableName=name)["Table"]["TableStatus"]
    ) != "ACTIVE":
        progress.show(f"{name}: {status.lower()}")
        time.sleep(every)
    progress.done()


def bring_back(place: Place, cloud: Cloud, table: str, name: str) -> int:
    """Records the table in use lacks."""
    noted = Erasure(Table(cloud.client("dynamodb"), table, place.clock)).noted()
    erased = {str(survey_id) for entry in noted for survey_id in entry.get("surveys", ())}
    back = there = left_out = 0
    client, progress = cloud.client("dynamodb"), Progress()
    for item in items(cloud, name):
        kind, _, record_id = item["pk"]["S"].partition("#")
        if record_id in erased or erased & {each["S"] for each in item.get("surveys", {}).get("L", ())}:
            left_out += 1
            continue
        try:
            client.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
            back += 1
        except client.exceptions.ConditionalCheckFailedException:
            there += 1
        progress.show(f"{back} brought back, last a {kind}")
    progress.done()
    say(f"Brought back {back}; {there} were there; {left_out} left out, erased on request.")
    say(f"Open surveys among them go on by themselves. Look: python -m infra.doctor {place.name}")
    return DONE


def items(cloud: Cloud, table: str) -> Iterator[Item]:
    try:
        for page in cloud.client("dynamodb").get_paginator("scan").paginate(TableName=table):
            yield from page["Items"]
    except ClientError as error:
        raise OpsError(f"{table} cannot be read: {error}", FAILED) from error


def instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("must be a time such as 2026-11-21T10:00:00+01:00") from error
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError("must say its offset to UTC, as in 2026-11-21T10:00:00+01:00")
    return at


def main(arguments: Sequence[str]) -> int:
    parser = command.parser("restore", __doc__ or "")
    parser.add_argument("--at", type=instant, required=True, metavar="TIME", help="2026-11-21T10:00:00+01:00")
    parser.add_argument(
        "--bring-back", action="store_true", help="put what is missing back into the table in use"
    )
    parser.add_argument("--dry-run", action="store_true", help="tell how far back it goes, restore nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    given = parser.parse_args(arguments)
    wish = Wish(given.at, given.bring_back, given.yes, given.dry_run)
    return command.run(lambda: restore(find(given.stage), wish))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
