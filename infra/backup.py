"""`python -m infra.backup STAGE`: a copy of the table that stays until somebody deletes it; and how far back PITR goes.

On AWS every second of the last 35 days can be restored without this (point-in-time recovery). A copy of one's own is
for longer, and for before something risky. PHONE_KEY is in no backup: its sealed copy is (python -m infra.escrow).
"""

import sys
from collections.abc import Sequence

from infra import command, embedded
from infra.aws import Cloud
from infra.command import DONE, OpsError, say
from infra.place import Place, find

LOCAL = """{name} keeps its records on this machine. Stop it ({stop}), and copy its folder: that is the whole backup.
  {folder}
To restore, put the folder back and start again ({start})."""


def backup(place: Place, *, dry_run: bool = False) -> int:
    """The exit code; raises OpsError where there is nothing to copy this way."""
    cloud = on_aws(place)
    table, client = table_of(cloud), cloud.client("dynamodb")
    say(window(cloud, table))
    name = f"{table}-{place.clock():%Y%m%dT%H%M%SZ}"
    if dry_run:
        say(f"Would make the copy {name}. Nothing was changed (--dry-run).")
        return DONE
    made = client.create_backup(TableName=table, BackupName=name)["BackupDetails"]
    say(f"Made: {name} ({made['BackupArn']}).")
    return DONE


def on_aws(place: Place) -> Cloud:
    """Raises OpsError that says what to do instead."""
    if place.cloud and not place.cloud.stage.embedded:
        return place.cloud
    if place.cloud is None:
        told = {"folder": place.data, "stop": "Ctrl-C", "start": "make run"}
    else:
        folder, name = embedded.folder(), place.name
        told = {
            "folder": folder,
            "stop": f"python -m infra.destroy {name}",
            "start": f"python -m infra.deploy {name}",
        }
    raise OpsError(LOCAL.format(name=place.name, **told))


def table_of(cloud: Cloud) -> str:
    return cloud.outputs(cloud.records)["Table"]


def window(cloud: Cloud, table: str) -> str:
    """From when to when the table can be restored."""
    found = cloud.client("dynamodb").describe_continuous_backups(TableName=table)
    pitr = found["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if pitr.get("PointInTimeRecoveryStatus") != "ENABLED":
        return f"Point-in-time recovery of {table} is OFF: python -m infra.deploy {cloud.stage.name}"
    first, last = pitr.get("EarliestRestorableDateTime"), pitr.get("LatestRestorableDateTime")
    return f"{table} can be restored to any second from {first} to {last}."


def main(arguments: Sequence[str]) -> int:
    parser = command.parser("backup", __doc__ or "")
    parser.add_argument("--dry-run", action="store_true", help="tell how far back PITR goes, copy nothing")
    given = parser.parse_args(arguments)
    return command.run(lambda: backup(find(given.stage), dry_run=given.dry_run))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
