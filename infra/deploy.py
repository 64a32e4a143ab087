"""`python -m infra.deploy STAGE`: package, check, show what changes, deploy, try it, and go back if it fails.

It may be killed anywhere and run again: every step looks first at what is there. What stood the smoke test is noted in
Parameter Store (`DEPLOYED`); that is what a failed deployment goes back to.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra import (
    bucket,
    command,
    embedded,
    package,
    preflight,
    shown,
    stacks,
    template,
    values,
)
from infra.aws import Cloud, connect, embedded_cloud
from infra.bucket import Version
from infra.command import DONE, FAILED, OpsError, agreed, say
from infra.package import Package
from infra.release import tried
from infra.stage import Stage


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for."""

    stage: Stage
    yes: bool = False
    dry_run: bool = False
    values: Path | None = None
    secrets: Path | None = None


def deploy(wish: Wish) -> int:
    """The exit code; raises OpsError."""
    say("Packaging …")
    made = packaged()
    preflight.lint(made)
    if wish.dry_run and wish.stage.embedded and embedded.endpoint() is None:
        return planned_anew(wish.stage, made)
    cloud = reached(wish.stage)
    if wish.dry_run and not stacks.stands(cloud, cloud.service):
        return planned_anew(wish.stage, made)
    if stacks.settle(cloud, cloud.service) is None:
        begin(cloud, wish, made)
    return bring(cloud, wish, made)


def packaged() -> Package:
    try:
        made = package.build(package.BUILD / "package")
    except package.PackageError as error:
        raise OpsError(str(error), FAILED) from error
    say(f"  {made.zip.stat().st_size / 1e6:.1f} MB, sha256 {made.digest[:16]}")
    return made


def reached(stage: Stage) -> Cloud:
    if not stage.embedded:
        return connect(stage)
    say("Starting the engine …")
    return embedded_cloud(stage, embedded.engine_up())


def planned_anew(stage: Stage, made: Package) -> int:
    """Nothing is deployed: all of it would be."""
    say("Would make, all new:")
    given = {made.records: stage.record_parameters(), made.service: stage.parameters()}
    for file, parameters in given.items():
        kinds = Counter(template.made_of(json.loads(file.read_text(encoding="utf-8")), parameters))
        say("\n".join(f"  + {count:3} {kind}" for kind, count in sorted(kinds.items())))
    return DONE


def begin(cloud: Cloud, wish: Wish, made: Package) -> None:
    """The first deployment of a stage: agreed to, possible, and able to show the secrets it will make."""
    stage = wish.stage
    if not stage.embedded:
        preflight.account(cloud)
        if values.ESCROW not in values.read(cloud):
            shown.possible(wish.secrets)
        planned_anew(stage, made)
        if not agreed(f"Make the stage {stage.name} in account {cloud.account}, {stage.region}?", wish.yes):
            raise OpsError("Nothing was made.")


def bring(cloud: Cloud, wish: Wish, made: Package) -> int:
    """The stage to what was packaged."""
    env = embedded.values() if cloud.stage.embedded else {}
    bucket.make(cloud)
    if not wish.dry_run:
        keep_records(cloud, made)
        values.complete(cloud, wish.values, env)
        shown.once(wish, cloud)
    version = wanted(cloud, made, env)
    address = bucket.address(cloud, version.template)
    planned = stacks.plan(cloud, cloud.service, address, version.parameters)
    if planned:
        say("\n".join(["Changes:", *planned.lines()]))
    if wish.dry_run:
        if planned:
            stacks.drop(cloud, planned)
        say("Nothing would change." if not planned else "Nothing was changed (--dry-run).")
        return DONE
    if planned and not planned.new and not cloud.stage.embedded and not agreed("Deploy this?", wish.yes):
        stacks.drop(cloud, planned)
        raise OpsError("Nothing was changed.")
    if planned:
        say("Deploying …")
        bucket.put(cloud, made.zip)
        stacks.carry_out(cloud, planned)
    return tried(cloud, version, env, changed=planned is not None)


def keep_records(cloud: Cloud, made: Package) -> None:
    """The stack that stays: table and key. Made first, and never taken back."""
    table = f"aftercall-{cloud.stage.name}"
    if stacks.settle(cloud, cloud.records) is None and table in cloud.tables():
        say(f"The table {table} is there without its stack: it gets a new one.")
        document = template.table_alone(json.loads(made.records.read_text(encoding="utf-8")))
        stacks.adopt(cloud, cloud.records, document, table, cloud.stage.record_parameters())
    address = bucket.address(cloud, bucket.put(cloud, made.records))
    planned = stacks.plan(cloud, cloud.records, address, cloud.stage.record_parameters())
    if planned:
        say("\n".join(["Records:", *planned.lines()]))
        stacks.carry_out(cloud, planned)
    stacks.protect(cloud, cloud.records, cloud.stage.protected)


def wanted(cloud: Cloud, made: Package, env: Mapping[str, str]) -> Version:
    """The version these sources are, in this stage, with its values as they are now."""
    records = cloud.outputs(cloud.records)
    own = {
        "Table": records["Table"],
        "Key": records["Key"],
        "Bucket": cloud.bucket,
        "Package": f"{made.digest}.zip",
        "Values": values.versions(cloud),
        "CarrierUrl": stand_in(cloud, env),
    }
    return Version(bucket.put(cloud, made.service), {**cloud.stage.parameters(), **own})


def stand_in(cloud: Cloud, env: Mapping[str, str]) -> str:
    """The carrier in Twilio's place, only where an engine is in AWS's: no variable leads a real stage astray."""
    return {**os.environ, **env}.get("TWILIO_API_URL", "none") if cloud.endpoint else "none"


def parser() -> argparse.ArgumentParser:
    made = command.parser("deploy", __doc__ or "")
    made.add_argument("--yes", action="store_true", help="do not ask before changing anything")
    made.add_argument("--dry-run", action="store_true", help="show what would change, change nothing")
    made.add_argument(
        "--values", type=Path, metavar="FILE", help="NAME=value lines: TWILIO_ACCOUNT_SID and so on"
    )
    made.add_argument(
        "--secrets", type=Path, metavar="FILE", help="write secrets made up now here, not to the terminal"
    )
    return made


def main(arguments: Sequence[str]) -> int:
    given = parser().parse_args(arguments)
    return command.run(
        lambda: deploy(Wish(Stage.read(given.stage), given.yes, given.dry_run, given.values, given.secrets))
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
