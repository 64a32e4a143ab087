"""After the stack: the address noted, the smoke test, and the way back when it fails.

Back is the version that stood the last one. A first deployment has none: its service is taken down again, so that what
was never seen to work answers nobody; records and secrets stay for the next try.
"""

import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime

from infra import bucket, budget, command, embedded, evidence, package, shown, smoke, stacks, values
from infra.aws import Cloud
from infra.bucket import Version
from infra.command import DONE, FAILED, say


def tried(cloud: Cloud, version: Version, env: Mapping[str, str], *, changed: bool) -> int:
    """The smoke test, unless this very version stood it; the way back when it fails."""
    stacks.protect(cloud, cloud.service, cloud.stage.protected)
    visitor, phones = opened(cloud, env)
    deployed = json.loads(visitor.values.get(values.DEPLOYED, "{}"))
    if not changed and deployed.get("version") == version.id and visitor.healthy() is None:
        say("Nothing to do: this version is deployed and answers.")
        shown.places(visitor.url, phones)
        return DONE
    say("Trying it …")
    began = datetime.now(UTC)
    if wrong := smoke.wrong_with(visitor):
        command.say_no(f"The smoke test failed: {wrong}", FAILED)
        for line in evidence.failures(cloud, began):
            command.say_no(f"  its log: {line}", FAILED)
        before = deployed.get("version")
        return taken_back(cloud, before, env) if before else taken_down(cloud)
    bucket.keep(cloud, version)
    note = {"version": version.id, "at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit()}
    values.write(cloud, values.DEPLOYED, json.dumps(note))
    budget.keep(cloud)
    say(f"Deployed: version {version.id}.")
    shown.places(visitor.url, phones)
    return DONE


def opened(cloud: Cloud, env: Mapping[str, str]) -> tuple[smoke.Visitor, str | None]:
    """The address told to all who must know it: the functions, and the simulated carrier, whose own is second."""
    url = cloud.public_url()
    values.write(cloud, values.PUBLIC_URL, url)
    if target := cloud.outputs(cloud.service).get("DomainTarget"):
        say(f"  {url.partition('//')[2]} must be an alias (CNAME) of {target}")
    phones = embedded.carrier_up(env, url) if env else None
    if cloud.endpoint:
        names = stacks.resource_names(cloud, cloud.service, "AWS::IAM::Role")
        embedded.widen(cloud.client("iam"), names.values())
    return smoke.Visitor(url, values.read(cloud)), phones


def taken_down(cloud: Cloud) -> int:
    """Nothing answers any more; records, key and secrets stay."""
    say("Nothing stood here before: taking the service down again …")
    stacks.protect(cloud, cloud.service, on=False)
    stacks.delete(cloud, cloud.service)
    values.remove(cloud, values.PUBLIC_URL)
    return command.say_no(
        "Nothing is deployed. Records and secrets are kept. Put it right and deploy again.", FAILED
    )


def taken_back(cloud: Cloud, before: str, env: Mapping[str, str]) -> int:
    """The version that stood its smoke test last answers again."""
    version = bucket.kept(cloud, before)
    if version is None:
        told = f"Version {before} is no longer in {cloud.bucket}, so there is no way back: what failed is still up."
        return command.say_no(f"{told} Deploy that commit again, or put it right.", FAILED)
    say(f"Going back to version {before} …")
    address = bucket.address(cloud, version.template)
    planned = stacks.plan(cloud, cloud.service, address, version.parameters)
    if planned:
        stacks.carry_out(cloud, planned)
    visitor, _ = opened(cloud, env)  # an engine gives a changed API another address
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
