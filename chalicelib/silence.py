"""Does the contact centre still report its calls? A figure for an alarm, given in opening hours only."""

from datetime import timedelta

from chalicelib.policy import hours
from chalicelib.ports import Office
from chalicelib.store import bucket

SPAN = timedelta(hours=2)


def calls_lately(office: Office) -> int | None:
    """How many calls of the last two hours, or a bit more, were counted; None unless the office was open all along."""
    policy, now = office.policy(), office.now()
    local = now.astimezone(office.settings.zone)
    since = local - SPAN
    opens, closes = hours(policy.for_queue("opening_hours", "") or "08:00-16:00")
    throughout = since.date() == local.date() and opens <= since.time() and local.time() < closes
    if not (throughout and policy.office_open(local.date())):
        return None
    lately = {bucket(local.date(), now - timedelta(hours=ago)) for ago in range(3)}
    return sum(
        sum(tally.values())
        for hour, tally in office.store.counts.hours_of(local.date()).items()
        if hour in lately
    )
