"""What the table and the queues say: are looks done, results fresh, languages read, switches where they belong?"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from chalicelib import prompts
from chalicelib.errors import BadRequest
from chalicelib.policy import Policy
from infra.examine.finding import Finding, NotTold, Patient

STALE = timedelta(minutes=30)  # the refresh runs every five
LATE = timedelta(minutes=15)  # the sweep runs every minute
PLACEHOLDER = Policy().public_phone[""]


def rules(patient: Patient) -> Iterator[Finding]:
    """The live settings can be read."""
    try:
        patient.place.service().office.policy()
    except BadRequest as error:
        yield Finding(
            "settings-unreadable",
            f"What the table holds as settings does not fit this version: {error}.",
            "Nothing is decided while that is so. Put the setting right by PUT /api/settings, or deploy the version"
            " that wrote it.",
        )


def dead_letters(patient: Patient) -> Iterator[Finding]:
    """No look failed for good."""
    if waiting := patient.place.waiting(patient.place.dead_letters()):
        yield Finding(
            "dead-letters",
            f"{waiting} looks failed five times and lie in the dead letters.",
            "The log says why (docs/runbook.md#dead-letters). When that is put right: python -m infra.redrive"
            f" {patient.place.name}.",
        )


def events(patient: Patient) -> Iterator[Finding]:
    """No contact centre's event failed for good."""
    letters = patient.place.event_letters()
    if letters is None:
        raise NotTold("nothing hears contact centres' events here")
    if waiting := patient.place.waiting(letters):
        yield Finding(
            "calls-not-taken",
            f"{waiting} events of the contact centre failed three times: these calls are in no count.",
            "The log says why (docs/runbook.md#calls-not-taken). When that is put right: python -m infra.redrive"
            f" {patient.place.name}.",
        )


def due(patient: Patient) -> Iterator[Finding]:
    """Nothing due is left undone."""
    now = patient.place.clock()
    since = patient.place.store.oldest_due(now)
    if since and now - since > LATE:
        yield Finding(
            "overdue",
            f"The oldest due text, call or expiry waits for {minutes(now - since)} minutes.",
            "The sweep does not run, or its looks fail: docs/runbook.md#overdue.",
        )


def counted(patient: Patient) -> Iterator[Finding]:
    """Results were counted lately."""
    now, until = patient.place.clock(), patient.place.store.counts.counted_until()
    if until is None and now - deployed_at(patient) <= STALE:
        raise NotTold("deployed a moment ago")
    if until is None or now - until > STALE:
        last = "never" if until is None else f"{minutes(now - until)} minutes ago"
        yield Finding(
            "stale-results",
            f"Response rates were last counted {last}.",
            "The refresh does not run, or fails: docs/runbook.md#refresh-errors.",
        )


def drafts(patient: Patient) -> Iterator[Finding]:
    """Every language callers meet was read by somebody who speaks it."""
    policy = patient.place.service().office.policy()
    if not (patient.people and (policy.mode == "live" or patient.going_live)):
        return
    accepted, unread = set(policy.draft_languages), prompts.drafts(policy.languages)
    if known := [code for code in unread if code in accepted]:
        yield Finding(
            "accepted-drafts",
            f"Accepted as drafts (draft_languages), reviewed by nobody: {', '.join(known)}.",
            "Have each read aloud to five callers and name who did so (reviewed_by in prompts/<language>).",
            grave=False,
        )
    if unread := [code for code in unread if code not in accepted]:
        yield Finding(
            "draft-languages",
            f"Live, and reviewed by nobody: {', '.join(unread)}.",
            "Have each read aloud to five callers and name who did so (reviewed_by in prompts/<language>), take it out"
            " of the live languages, or accept it as it is: draft_languages on the settings page.",
        )


def phone(patient: Patient) -> Iterator[Finding]:
    """The phone number callers are told is the authority's."""
    policy = patient.place.service().office.policy()
    live = patient.people and (policy.mode == "live" or patient.going_live)
    if live and PLACEHOLDER in policy.public_phone.values():
        yield Finding(
            "example-phone",
            f"Callers are told to ring {PLACEHOLDER}, which is an example.",
            "Set public_phone on the settings page.",
        )


def switches(patient: Patient) -> Iterator[Finding]:
    """No switch was left where it stops everything."""
    office = patient.place.service().office
    policy = office.policy()
    if policy.killed:
        yield Finding(
            "killed",
            f"The kill switch is on for {', '.join(policy.killed)}: nothing is sent there.",
            "If that is over, take it off on the settings page.",
        )
    if (invited := office.invited_today()) >= policy.max_per_day:
        yield Finding(
            "ceiling",
            f"{invited} invitations today, of at most {policy.max_per_day}: the rest of today's calls are not asked.",
            "Foreseen? Then raise max_per_day on the settings page. Not foreseen? docs/runbook.md#spend.",
        )


CHECKS = (rules, dead_letters, events, due, counted, drafts, phone, switches)


def deployed_at(patient: Patient) -> datetime:
    """When this version was; for ever ago where nothing notes it."""
    noted = json.loads(patient.place.env.get("DEPLOYED", "{}")).get("at")
    return datetime.fromisoformat(noted) if noted else datetime.min.replace(tzinfo=UTC)


def minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
