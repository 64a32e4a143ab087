"""`python -m infra.deploy STAGE`: package, check, show what changes, deploy, try it, and go back if it fails.

It may be killed anywhere and run again: every step looks first at what is there. What stood the smoke test is noted in
Parameter Store (`DEPLOYED`); that is what a failed deployment goes back to.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from infra import (
    bucket,
    budget,
    command,
    embedded,
    package,
    preflight,
    shown,
    smoke,
    stacks,
    template,
    values,
)
from infra.aws import Cloud, connect, embedded_cloud
from infra.bucket import Version
from infra.command import DONE, FAILED, OpsError, agreed, say
from infra.package import Package
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
    status = stacks.settle(cloud, cloud.service)
    if status is None and wish.dry_run:
        return planned_anew(wish.stage, made)
    if status is None:
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
    stacks.settle(cloud, cloud.records)
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
        "CarrierUrl": env.get("TWILIO_API_URL", "none"),
    }
    return Version(bucket.put(cloud, made.service), {**cloud.stage.parameters(), **own})


def tried(cloud: Cloud, version: Version, env: Mapping[str, str], *, changed: bool) -> int:
    """The smoke test, unless this very version stood it; back to the one before when it fails."""
    stacks.protect(cloud, cloud.service, cloud.stage.protected)
    url = cloud.public_url()
    values.write(cloud, values.PUBLIC_URL, url)
    phones = embedded.carrier_up(env, url) if env else None
    if env:
        names = stacks.resource_names(cloud, cloud.service, "AWS::IAM::Role")
        embedded.widen(cloud.client("iam"), names.values())
    known = values.read(cloud)
    deployed = json.loads(known.get(values.DEPLOYED, "{}"))
    visitor = smoke.Visitor(url, known)
    if not changed and deployed.get("version") == version.id and visitor.healthy() is None:
        say("Nothing to do: this version is deployed and answers.")
        shown.places(url, phones)
        return DONE
    say("Trying it …")
    if wrong := smoke.wrong_with(visitor):
        return taken_back(cloud, wrong, deployed.get("version"), visitor)
    bucket.keep(cloud, version)
    note = {"version": version.id, "at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit()}
    values.write(cloud, values.DEPLOYED, json.dumps(note))
    budget.keep(cloud)
    say(f"Deployed: version {version.id}.")
    shown.places(url, phones)
    return DONE


def taken_back(cloud: Cloud, wrong: str, before: str | None, visitor: smoke.Visitor) -> int:
    """The version that stood its smoke test last, if there is one, answers again."""
    command.say_no(f"The smoke test failed: {wrong}", FAILED)
    version = bucket.kept(cloud, before) if before else None
    if version is None:
        return command.say_no(
            "There is no earlier version to go back to. Put it right and deploy again.", FAILED
        )
    say(f"Going back to version {before} …")
    address = bucket.address(cloud, version.template)
    planned = stacks.plan(cloud, cloud.service, address, version.parameters)
    if planned:
        stacks.carry_out(cloud, planned)
    if again := smoke.wrong_with(visitor):
        return command.say_no(f"Version {before} is back, but: {again}", FAILED)
    return command.say_no(f"Version {before} answers again; what failed is not deployed.", FAILED)


def commit() -> str:
    """The sources' commit, with a mark when they were changed since; "" outside a repository."""
    ran = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=package.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout.strip()


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
