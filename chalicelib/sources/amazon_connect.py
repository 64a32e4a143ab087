"""Amazon Connect: contact events from EventBridge, or contact records from a Kinesis stream.

    {"source": "aws.connect", "detail": {"eventType": "DISCONNECTED", "contactId": "1…", "initialContactId": "1…",
     "channel": "VOICE", "instanceArn": "arn:aws:connect:…:instance/…", "disconnectTimestamp": "2026-11-21T…Z"}}

A conversation is a tree of contacts: each transfer makes another, all with one `initialContactId`, which is the call
id. Events carry no number, come in any order, any number of times, and write their names in more than one case.
So every message leads to the same question: what does DescribeContact say of the whole tree?
Source: Amazon Connect administrator guide, "contact events"; API reference, DescribeContact.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.dataclass import dataclass
from chalicelib.events import CallEnded
from chalicelib.sources import NotACall, fields, foreign, hints
from chalicelib.sources.foreign import at

Describe = Callable[
    [str, str], Mapping[str, object]
]  # instance, contact -> DescribeContact's "Contact"; {} unknown
OVER = ("DISCONNECTED", "COMPLETED")
WE_RANG = ("OUTBOUND", "EXTERNAL_OUTBOUND", "CALLBACK", "API")
MOST_LEGS = 12  # a conversation handed on more often is cut here, not followed for ever


@dataclass(frozen=True, slots=True)
class Leg:
    """One contact of the conversation: an event, a contact record and DescribeContact all read as this."""

    id: str
    initial: str
    around: tuple[str, ...]  # contacts before and after this one
    method: str
    started_at: datetime | None
    ended_at: datetime | None
    caller: str | None
    queue: str
    queued_at: datetime | None
    agent: str
    team: str
    agent_at: datetime | None  # None: no person ever came on the line
    attributes: Mapping[object, object]


def parse(message: Mapping[str, object], describe: Describe) -> CallEnded | NotACall:
    """`message` is an EventBridge event or a contact record; `describe` may raise to have it delivered again."""
    detail = at(message, "detail") or message
    event, channel = foreign.label(at(detail, "eventType")), foreign.label(at(detail, "channel"))
    if at(message, "detail") and event not in OVER:
        return NotACall(f"not over yet: {foreign.word(event)}")
    if channel.upper() != "VOICE":
        return NotACall(f"not a voice contact: {foreign.word(channel)}")
    if foreign.label(at(detail, "initiationMethod")).upper() == "MONITOR":
        return NotACall("a supervisor listening in")
    fields.instant(at(detail, "disconnectTimestamp"), "disconnectTimestamp")
    legs = _conversation(_leg(detail), foreign.label(_tail(at(detail, "instanceArn"))), describe)
    if any(leg.ended_at is None for leg in legs):
        return NotACall("handed on: the conversation goes on in another contact")
    return _ended(legs)


def _ended(legs: list[Leg]) -> CallEnded:
    first, last = legs[0], legs[-1]
    queues = tuple(leg.queue for leg in legs if leg.queue)
    served = [leg for leg in legs if leg.agent_at]
    ended_at = max(leg.ended_at for leg in legs if leg.ended_at)
    ended = CallEnded(
        call_id=first.initial,
        caller=next((leg.caller for leg in legs if leg.caller), None),
        ended_at=ended_at,
        started_at=first.started_at,
        direction="outbound" if first.method in WE_RANG else "inbound",
        answered=bool(served),
        queue=queues[-1] if queues else "",
        team=served[-1].team if served else "",
        agent=served[-1].agent if served else "",
        wait=foreign.between(last.queued_at, last.agent_at),
        talk=foreign.between(served[0].agent_at, ended_at) if served else None,
        chain=queues if len(queues) > 1 else (),
    )
    return hints.apply(ended, {name: said for leg in legs for name, said in leg.attributes.items()})


def _conversation(told: Leg, instance: str, describe: Describe) -> list[Leg]:
    """Every contact of the tree, first to last; what cannot be read (yet) is left out."""
    found = {told.id: told}
    ahead = [told.id]
    for _ in range(MOST_LEGS):
        if not ahead:
            break
        contact = describe(instance, ahead.pop())
        if not contact:
            continue
        leg = _leg(contact)
        # The message may know what is not to be read yet: that, and when, this contact ended.
        found[leg.id] = _filled(leg, told) if leg.id == told.id else leg
        ahead += [id for id in leg.around if id not in found and id not in ahead]
    return sorted(found.values(), key=lambda leg: (leg.id != leg.initial, leg.started_at or fields.EARLIEST))


def _filled(leg: Leg, told: Leg) -> Leg:
    return replace(leg, **{name: getattr(told, name) for name in Leg.__slots__ if not getattr(leg, name)})


def _leg(contact: object) -> Leg:
    agent = at(contact, "AgentInfo") or at(contact, "Agent")
    queue = at(contact, "QueueInfo") or at(contact, "Queue")
    id = fields.call_id(at(contact, "ContactId") or at(contact, "Id"), "contactId")
    initial = fields.call_id(at(contact, "InitialContactId") or id, "initialContactId")
    attributes = at(contact, "Attributes")
    return Leg(
        id=id,
        initial=initial,
        around=_around(contact, initial),
        method=foreign.label(at(contact, "InitiationMethod")).upper(),
        started_at=foreign.instant(at(contact, "InitiationTimestamp")),
        ended_at=foreign.instant(at(contact, "DisconnectTimestamp")),
        caller=foreign.phone(at(contact, "CustomerEndpoint", "Address")),
        queue=_name(queue, "Name", "Id", "QueueArn", "ARN"),
        queued_at=foreign.instant(at(queue, "EnqueueTimestamp")),
        agent=_name(agent, "Username", "Id", "AgentArn", "ARN"),
        team=_team(at(agent, "HierarchyGroups")),
        agent_at=foreign.instant(at(agent, "ConnectedToAgentTimestamp")),
        attributes=attributes if isinstance(attributes, Mapping) else {},
    )


def _around(contact: object, initial: str) -> tuple[str, ...]:
    """The contacts before and after this one, and those ListAssociatedContacts knows of the same conversation."""
    known = _list(at(contact, "ContactSummaryList"))
    associated = [at(each, "ContactId") for each in known if at(each, "InitialContactId") == initial]
    quick = ("NextContactMetadata", "QuickConnectContactData", "ContactId")
    following = [at(each, *quick) for each in _list(at(contact, "NextContacts"))]
    before = [initial, at(contact, "PreviousContactId"), at(contact, "NextContactId")]
    return tuple(id for id in [*before, *following, *associated] if isinstance(id, str) and id)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _name(thing: object, *names: str) -> str:
    """The first of `names` that is told; of an ARN, what stands last: `…/queue/c677a7a5-…`."""
    told = (foreign.label(_tail(at(thing, name))) for name in names)
    return next(filter(None, told), "")


def _tail(arn: object) -> object:
    return arn.rpartition("/")[2] if isinstance(arn, str) and arn.startswith("arn:") else arn


def _team(groups: object) -> str:
    """The lowest named level of the agent hierarchy: a team is the smallest group an agent is in."""
    levels = [foreign.label(at(groups, f"Level{level}", "GroupName")) for level in (5, 4, 3, 2, 1)]
    return next(filter(None, levels), "")
