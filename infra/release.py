"""After the stack: the address noted, the smoke test, and the way back to the version that stood the last one."""

import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime

from infra import bucket, budget, command, embedded, package, shown, smoke, stacks, values
from infra.aws import Cloud
from infra.bucket import Version
from infra.command import DONE, FAILED, say


def tried(cloud: Cloud, version: Version, env: Mapping[str, str], *, changed: bool) -> int:
    """The smoke test, unless this very version stood it; back to the one before when it fails."""
    stacks.protect(cloud, cloud.service, cloud.stage.protected)
    url = cloud.public_url()
    values.write(cloud, values.PUBLIC_URL, url)
    if target := cloud.outputs(cloud.service).get("DomainTarget"):
        say(f"  {url.partition('//')[2]} must be an alias (CNAME) of {target}")
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
