"""DescribeContact through the real client, answered as the service would."""

from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from chalicelib.events import CallEnded
from chalicelib.sources import connect_lookup
from chalicelib.sources.amazon_connect import parse

INSTANCE, FIRST, SECOND = "12345678-1234-1234-1234-123456789012", "11111111-aaaa", "22222222-bbbb"
CLIENT = boto3.client(
    "connect", region_name="eu-north-1", aws_access_key_id="none", aws_secret_access_key="none"
)
MISSING = CLIENT.exceptions.ResourceNotFoundException
EVENT = {
    "detail": {
        "eventType": "DISCONNECTED",
        "contactId": FIRST,
        "channel": "VOICE",
        "instanceArn": f"arn:aws:connect:eu-north-1:123456789012:instance/{INSTANCE}",
        "disconnectTimestamp": "2026-11-21T09:10:00.000Z",
    }
}


@pytest.fixture
def service() -> Iterator[Stubber]:
    connect_lookup.NAMES.clear()
    with Stubber(CLIENT) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def contact(id: str, queue: str, minute: int) -> dict[str, object]:
    ended = datetime(2026, 11, 21, 9, minute, tzinfo=UTC)
    return {
        "Contact": {
            "Id": id,
            "InitialContactId": FIRST,
            "InitiationMethod": "INBOUND",
            "Channel": "VOICE",
            "InitiationTimestamp": datetime(2026, 11, 21, 9, minute - 9, tzinfo=UTC),
            "DisconnectTimestamp": ended,
            "CustomerEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": "+46701740612"},
            "QueueInfo": {"Id": queue},
        }
    }


def test_number_and_queue_names_of_the_whole_conversation_are_looked_up(service: Stubber) -> None:
    def about(id: str) -> dict[str, str]:
        return {"InstanceId": INSTANCE, "ContactId": id}

    tree = [{"ContactId": FIRST, "InitialContactId": FIRST}, {"ContactId": SECOND, "InitialContactId": FIRST}]
    service.add_response("describe_contact", contact(FIRST, "q1", 10), about(FIRST))
    service.add_response("list_associated_contacts", {"ContactSummaryList": tree}, about(FIRST))
    service.add_response("describe_queue", {"Queue": {"Name": "switchboard"}})
    service.add_response("describe_contact", contact(SECOND, "q2", 20), about(SECOND))
    service.add_response("describe_queue", {"Queue": {"Name": "permits"}})
    call = parse(EVENT, connect_lookup.lookup(CLIENT, MISSING))
    assert isinstance(call, CallEnded)
    assert (call.caller, call.chain) == ("+46701740612", ("switchboard", "permits"))
    assert call.ended_at == datetime(2026, 11, 21, 9, 20, tzinfo=UTC)


def test_a_queues_name_is_asked_for_once(service: Stubber) -> None:
    for asked_before in (False, True):
        service.add_response("describe_contact", contact(FIRST, "q1", 10))
        service.add_response("list_associated_contacts", {"ContactSummaryList": []})
        if not asked_before:
            service.add_response("describe_queue", {"Queue": {"Name": "switchboard"}})
        call = parse(EVENT, connect_lookup.lookup(CLIENT, MISSING))
        assert isinstance(call, CallEnded)
        assert call.queue == "switchboard"


def test_a_contact_that_is_not_to_be_read_leaves_the_call_without_a_number(service: Stubber) -> None:
    service.add_client_error("describe_contact", "ResourceNotFoundException")
    call = parse(EVENT, connect_lookup.lookup(CLIENT, MISSING))
    assert isinstance(call, CallEnded)
    assert call.caller is None


def test_throttling_is_raised_so_that_the_event_is_delivered_again(service: Stubber) -> None:
    service.add_client_error("describe_contact", "ThrottlingException")
    with pytest.raises(ClientError):
        parse(EVENT, connect_lookup.lookup(CLIENT, MISSING))
