"""Asking Amazon Connect about a contact: the number, queue and attributes that its events do not carry.

Throttling and outages are raised, so that the queue in front delivers the message again. Permissions:
connect:DescribeContact, connect:ListAssociatedContacts, connect:DescribeQueue on the instance.
"""

from typing import Any, Protocol

from chalicelib.sources.amazon_connect import Describe

NAMES: dict[tuple[str, str], str] = {}  # instance, queue -> name


class Connect(Protocol):
    """What is used of boto3's `connect` client."""

    def describe_contact(self, *, InstanceId: str, ContactId: str) -> dict[str, Any]: ...
    def list_associated_contacts(self, *, InstanceId: str, ContactId: str) -> dict[str, Any]: ...
    def describe_queue(self, *, InstanceId: str, QueueId: str) -> dict[str, Any]: ...


def lookup(client: Connect, not_found: type[Exception]) -> Describe:
    """For one message: the tree of contacts is asked for once, with the first of them.

    `not_found` is `client.exceptions.ResourceNotFoundException`: a contact too old, or too new, to be read.
    """
    seen: set[str] = set()

    def describe(instance: str, contact: str) -> dict[str, object]:
        try:
            found = dict(client.describe_contact(InstanceId=instance, ContactId=contact)["Contact"])
        except not_found:
            return {}
        if not seen:
            tree = client.list_associated_contacts(InstanceId=instance, ContactId=contact)
            found["ContactSummaryList"] = tree["ContactSummaryList"]
        seen.add(contact)
        if queue := found.get("QueueInfo", {}).get("Id"):
            found["QueueInfo"] |= {"Name": _queue_name(client, instance, queue)}
        return found

    return describe


def _queue_name(client: Connect, instance: str, queue: str) -> str:
    """Kept as long as this process lives; a renamed queue shows its old name for a few hours."""
    if (instance, queue) not in NAMES:
        described = client.describe_queue(InstanceId=instance, QueueId=queue)
        NAMES[instance, queue] = described["Queue"]["Name"]
    return NAMES[instance, queue]
