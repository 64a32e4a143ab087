"""CloudFormation: what a deployment would change, changing it, and finding one's way back from any state.

Whatever a killed deployment left (a stack half made, an update under way, a change set nobody carried out), `settle`
brings it to a state from which the next change set can be made.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.aws import Cloud
from infra.command import FAILED, OpsError, Progress, say

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
UNBEGUN = "REVIEW_IN_PROGRESS"  # planned, and nothing made yet
NEVER_STOOD = (
    UNBEGUN, "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "IMPORT_ROLLBACK_COMPLETE",
)  # fmt: skip
GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
UNCHANGED = ("didn't contain changes", "No updates are to be performed")
SIGNS = {"Add": "+", "Modify": "~", "Remove": "-"}


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What would change, not yet carried out."""

    stack: str
    arn: str
    new: bool  # the stack itself is made
    changes: tuple[Mapping[str, Any], ...]

    def lines(self) -> list[str]:
        """`~ Table (AWS::DynamoDB::Table) REPLACED`, one a resource."""
        shown = []
        for change in self.changes:
            resource = change["ResourceChange"]
            replaced = " REPLACED" if resource.get("Replacement") == "True" else ""
            sign = SIGNS.get(resource["Action"], "?")
            shown.append(f"  {sign} {resource['LogicalResourceId']} ({resource['ResourceType']}){replaced}")
        return sorted(shown)


def settle(cloud: Cloud, name: str) -> str | None:
    """The stack's status when nothing is under way any more; None when there is none, or none that ever stood."""
    stack = cloud.stack(name)
    if stack and stack["StackStatus"] == UNBEGUN:
        time.sleep(2)  # whoever was killed may have carried it out in their last moment
        stack = cloud.stack(name)
    if stack and stack["StackStatus"] != UNBEGUN:
        wait(cloud, name)
        stack = cloud.stack(name)
    if stack and stack["StackStatus"] in NEVER_STOOD:
        delete(cloud, name)
        return None
    return str(stack["StackStatus"]) if stack else None


def stands(cloud: Cloud, name: str) -> bool:
    """Whether there is a stack that ever stood."""
    stack = cloud.stack(name)
    return stack is not None and stack["StackStatus"] not in NEVER_STOOD


def plan(cloud: Cloud, name: str, template: str, parameters: Mapping[str, str]) -> ChangeSet | None:
    """The changes that the template at that address would make; None for none. The stack is settled."""
    new = cloud.stack(name) is None
    kind = {"ChangeSetType": "CREATE" if new else "UPDATE", "TemplateURL": template, "Tags": cloud.tags}
    return planned(cloud, name, parameters, new, kind)


def adopt(
    cloud: Cloud, name: str, template: Mapping[str, Any], table: str, parameters: Mapping[str, str]
) -> None:
    """A new stack around a table that outlived its own: it is changed by the next plan, never made anew."""
    resource = {"ResourceType": "AWS::DynamoDB::Table", "LogicalResourceId": "Table"}
    imported = [{**resource, "ResourceIdentifier": {"TableName": table}}]
    kind = {"ChangeSetType": "IMPORT", "TemplateBody": json.dumps(template), "ResourcesToImport": imported}
    if found := planned(cloud, name, parameters, True, kind):
        carry_out(cloud, found)


def planned(
    cloud: Cloud, name: str, parameters: Mapping[str, str], new: bool, kind: Mapping[str, Any]
) -> ChangeSet | None:
    client = cloud.client("cloudformation")
    arn = client.create_change_set(
        StackName=name, ChangeSetName=f"deploy-{int(time.time() * 1000)}", Capabilities=CAPABILITIES,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()], **kind,
    )["Id"]  # fmt: skip
    while (found := client.describe_change_set(ChangeSetName=arn, StackName=name))["Status"].endswith(
        "IN_PROGRESS"
    ):
        time.sleep(0.2 if cloud.endpoint else 2)
    if found["Status"] == "FAILED":
        drop(cloud, ChangeSet(name, arn, new, ()))
        if any(words in found.get("StatusReason", "") for words in UNCHANGED):
            return None
        raise OpsError(f"{name}: CloudFormation refuses the template: {found.get('StatusReason')}")
    changes = list(found.get("Changes", ()))
    while token := found.get("NextToken"):
        found = client.describe_change_set(ChangeSetName=arn, StackName=name, NextToken=token)
        changes += found["Changes"]
    return ChangeSet(name, arn, new, tuple(changes))


def drop(cloud: Cloud, unwanted: ChangeSet) -> None:
    """As if it had never been planned."""
    cloud.client("cloudformation").delete_change_set(ChangeSetName=unwanted.arn, StackName=unwanted.stack)
    if unwanted.new and cloud.stack(unwanted.stack):
        delete(cloud, unwanted.stack)


def carry_out(cloud: Cloud, wanted: ChangeSet) -> None:
    """Raises OpsError when CloudFormation had to go back; what stood before then stands again."""
    client = cloud.client("cloudformation")
    client.execute_change_set(ChangeSetName=wanted.arn, StackName=wanted.stack)
    status = wait(cloud, wanted.stack, len(wanted.changes))
    if status not in GOOD:
        what = "is not made" if wanted.new else "is as it was"
        raise OpsError(f"{wanted.stack} {what} ({status}):\n{reasons(cloud, wanted.stack)}", FAILED)


def wait(cloud: Cloud, name: str, total: int = 0) -> str:
    """The stack's status when nothing is under way any more; "" when it is gone."""
    progress = Progress()
    try:
        while (stack := cloud.stack(name)) and "IN_PROGRESS" in stack["StackStatus"]:
            progress.show(doing(cloud, stack, total))
            time.sleep(0.2 if cloud.endpoint else 3)
    finally:
        progress.done()
    return str(stack["StackStatus"]) if stack else ""


def doing(cloud: Cloud, stack: Mapping[str, Any], total: int) -> str:
    found = resources(cloud, stack["StackId"])  # its name may be gone the next moment
    done = sum(1 for resource in found if resource["ResourceStatus"].endswith("COMPLETE"))
    status = stack["StackStatus"].lower().replace("_", " ")
    return f"{stack['StackName']}: {status}, {done} of {max(total, len(found))} resources"


def reasons(cloud: Cloud, name: str) -> str:
    """The first failures, in CloudFormation's own words."""
    events = cloud.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in reversed(events) if event["ResourceStatus"].endswith("FAILED")]
    own = [event for event in failed if "cancelled" not in event.get("ResourceStatusReason", "")][-5:]
    return "\n".join(
        f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in own
    )


def delete(cloud: Cloud, name: str) -> None:
    """The stack gone; OpsError with CloudFormation's reasons when it will not go."""
    if cloud.stack(name) is None:
        return
    client = cloud.client("cloudformation")
    client.delete_stack(StackName=name)
    if (status := wait(cloud, name)) not in ("", "DELETE_COMPLETE"):
        raise OpsError(f"{name} could not be deleted ({status}):\n{reasons(cloud, name)}", FAILED)


def protect(cloud: Cloud, name: str, on: bool) -> None:
    """Whether the stack refuses to be deleted."""
    stack = cloud.stack(name)
    if stack and bool(stack.get("EnableTerminationProtection")) is not on:
        client = cloud.client("cloudformation")
        client.update_termination_protection(StackName=name, EnableTerminationProtection=on)
        say(f"  {name} {'refuses' if on else 'no longer refuses'} to be deleted")


def parameters(cloud: Cloud, name: str) -> dict[str, str]:
    """Those the stack stands with."""
    stack = cloud.stack(name) or {}
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", ())}


def resource_names(cloud: Cloud, name: str, kind: str = "") -> dict[str, str]:
    """Logical name → the resource's own; of one type, if given. Nothing for a stack that is not there."""
    found = resources(cloud, name) if cloud.stack(name) else []
    own = [each for each in found if kind in ("", each["ResourceType"])]
    return {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in own}


def resources(cloud: Cloud, name: str) -> list[dict[str, str]]:
    pages = cloud.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=name)
    return [each for page in pages for each in page["StackResourceSummaries"]]
