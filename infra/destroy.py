"""`python -m infra.destroy STAGE`: the service gone; records, key and secrets stay, unless `--data` is given.

Deployed again, the stage goes on with the records it left. With `--data` tables restored for a look go, too; copies
made by `python -m infra.backup` are listed, and stay. It asks for the stage's name; `echo dev | python -m …` answers
where there is no terminal.
"""

import argparse
import re
import sys
from collections.abc import Sequence

from infra import bucket, budget, command, embedded, stacks, values
from infra.aws import TAG, Cloud, connect
from infra.command import DONE, FAILED, OpsError, say
from infra.stage import Stage

KEY_WAITS = 7  # days in which a key's deletion can be called off: AWS's shortest


def destroy(stage: Stage, data: bool) -> int:
    """The exit code; raises OpsError when it is refused."""
    if stage.embedded and embedded.endpoint() is None:
        return put_away(stage, data)
    cloud = connect(stage)
    if data and stage.protected:
        raise OpsError(
            f"{stage.name} is protected: set protect = false in infra/stages/{stage.name}.toml and deploy"
        )
    confirm(stage, data)
    remove(cloud, data)
    left = leftovers(cloud)
    if stage.embedded:
        embedded.down(forget=data)
    if not left:
        say("Nothing is left.")
        return DONE
    say("\n".join(["Left:", *(f"  {arn}" for arn in left)]))
    return FAILED if data else DONE


def put_away(stage: Stage, data: bool) -> int:
    """What an embedded stage left on this machine that is not up: a carrier, perhaps, and its folder."""
    kept = embedded.folder()
    if data and kept.exists():
        confirm(stage, data)
    embedded.down(forget=data)
    left = f" Its records are kept in {kept}." if kept.exists() else " Nothing is left."
    say(f"Nothing was running.{left}")
    return DONE


def confirm(stage: Stage, data: bool) -> None:
    what = "with every record, answer and opt-out, for good" if data else "but for its records and secrets"
    print(
        f"This removes {stage.name} ({stage.region}), {what}.\nType its name to go on: ", end="", flush=True
    )
    if sys.stdin.readline().strip() != stage.name:
        raise OpsError("\nThat is not its name. Nothing was removed.")


def remove(cloud: Cloud, data: bool) -> None:
    """The service, and with `data` everything."""
    stacks.settle(cloud, cloud.service)
    stacks.protect(cloud, cloud.service, on=False)
    say(f"Removing {cloud.service} …")
    stacks.delete(cloud, cloud.service)
    budget.remove(cloud)
    values.remove(cloud, values.PUBLIC_URL, values.DEPLOYED)
    bucket.remove(cloud)
    if data:
        remove_records(cloud)
        values.remove(cloud)


def remove_records(cloud: Cloud) -> None:
    """Table and key outlive their stack on purpose, so each is removed by itself."""
    say(f"Removing {cloud.records} …")
    stacks.settle(cloud, cloud.records)
    stacks.protect(cloud, cloud.records, on=False)
    names = stacks.resource_names(cloud, cloud.records)
    stacks.delete(cloud, cloud.records)
    table = names.get("Table") or table_name(cloud)
    for name in (*restored(cloud), *(each for each in cloud.tables() if each == table)):
        remove_table(cloud, name)
    if key := names.get("Key"):
        cloud.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=KEY_WAITS)
        say(f"  the key {key} goes in {KEY_WAITS} days")


def remove_table(cloud: Cloud, name: str) -> None:
    tables = cloud.client("dynamodb")
    if tables.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
        tables.update_table(TableName=name, DeletionProtectionEnabled=False)
        tables.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 300})
    tables.delete_table(TableName=name)
    waiter = tables.get_waiter("table_not_exists")
    waiter.wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 300})


def table_name(cloud: Cloud) -> str:
    return f"aftercall-{cloud.stage.name}"


def restored(cloud: Cloud) -> list[str]:
    """Tables that `python -m infra.restore` made beside the stage's own; AWS gives them no tag."""
    made = re.compile(f"{table_name(cloud)}-[0-9]{{8}}T[0-9]{{6}}Z")
    return [name for name in cloud.tables() if made.fullmatch(name)]


def copies(cloud: Cloud) -> list[str]:
    """The ARNs of what `python -m infra.backup` made: they stay until somebody deletes them one by one."""
    found = cloud.client("dynamodb").list_backups(TableName=table_name(cloud), BackupType="USER")
    return [each["BackupArn"] for each in found["BackupSummaries"] if each["BackupStatus"] != "DELETED"]


def leftovers(cloud: Cloud) -> list[str]:
    """Everything that still carries the stage's tag, or its table's name."""
    pages = cloud.client("resourcegroupstaggingapi").get_paginator("get_resources")
    wanted = [{"Key": TAG, "Values": [cloud.stage.name]}]
    found = [
        each["ResourceARN"]
        for page in pages.paginate(TagFilters=wanted)
        for each in page["ResourceTagMappingList"]
    ]
    tagged = [arn for arn in found if ":kms:" not in arn]  # a key is on its way out for days
    return sorted({*tagged, *restored(cloud), *copies(cloud)})


def parser() -> argparse.ArgumentParser:
    made = command.parser("destroy", __doc__ or "")
    made.add_argument(
        "--data", action="store_true", help="records, key and secrets, too; nothing brings them back"
    )
    return made


def main(arguments: Sequence[str]) -> int:
    given = parser().parse_args(arguments)
    return command.run(lambda: destroy(Stage.read(given.stage), given.data))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
