"""`python -m infra.handover STAGE`: one page for whoever takes over: what runs, who is told, what it costs."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime

from botocore.exceptions import ClientError

from chalicelib import prompts
from infra import command, doctor, escrow, values, watch
from infra.aws import Cloud
from infra.command import DONE, say
from infra.examine.rest import Rest
from infra.place import Place, find
from infra.restore import NOTE

OLD = 365  # days: a secret older than this is worth a new one
Section = Callable[[Place], Iterator[str]]


def page(place: Place) -> str:
    """The whole page, in Markdown."""
    lines = [f"# {place.name}, {place.clock():%d %B %Y}"]
    for title, section in SECTIONS.items():
        lines += ["", f"## {title}", *section(place)]
    return "\n".join(lines)


def runs(place: Place) -> Iterator[str]:
    noted = json.loads(place.env.get("DEPLOYED", "{}"))
    yield f"- Address: {place.env['PUBLIC_URL']}"
    yield f"- Version: {noted.get('version', 'this folder, by make run')}"
    if noted:
        yield f"- Deployed: {noted.get('at')} from {noted.get('commit') or 'no repository'}"
    found = doctor.findings(doctor.examine(place))
    yield f"- Doctor: {', '.join(each.name for each in found) or 'healthy'}"


def rules(place: Place) -> Iterator[str]:
    policy = place.service().office.policy()
    yield f"- Mode: {policy.mode}; asked: {policy.sampling.get('', 1.0):.0%} of the calls"
    yield f"- At most {policy.max_per_day} invitations a day; kill switch: {', '.join(policy.killed) or 'off'}"
    for entry in place.store.rules.history(5):
        yield f"- Changed {entry['changed_at']} by {entry['who']}"


def languages(place: Place) -> Iterator[str]:
    for code in place.service().office.policy().languages:
        known = prompts.load(code)
        yield f"- {known.name} ({code}), wording {known.version}: {known.reviewed_by or 'a draft, reviewed by nobody'}"


def numbers(place: Place) -> Iterator[str]:
    settings, rest = place.settings, Rest.of(place)
    for number in sorted({settings.sender, settings.voice_from}):
        yield f"- {number}{renewal(rest, number) if number.startswith('+') else ''}"
    usage = rest.get(rest.own("/Usage/Records/ThisMonth.json"), Category="totalprice")
    for record in usage.body.get("usage_records", ()):
        yield f"- The carrier this month: {record.get('price')} {str(record.get('price_unit', '')).upper()}"
    if usage.status != 200:
        yield "- What the carrier costs is not told here"


def renewal(rest: Rest, number: str) -> str:
    """Twilio renews a number every month, on the day it was bought."""
    found = rest.get(rest.own("/IncomingPhoneNumbers.json"), PhoneNumber=number).body
    for record in found.get("incoming_phone_numbers", ()):
        bought = str(record.get("date_created") or "")
        return f", bought {bought}, renewed monthly on that day" if bought else ", no date of purchase told"
    return ", NOT a number of this account"


def secrets(place: Place) -> Iterator[str]:
    if place.cloud is None:
        yield "- Made up and kept in settings.json of the run's folder: they guard nothing but this machine"
        return
    today = datetime.now(UTC)
    for name, found in sorted(values.stored(place.cloud).items()):
        if name in values.SECRET:
            days = (today - found["LastModifiedDate"]).days
            yield f"- {name}: {days} days old{': python -m infra.rotate' if days > OLD else ''}"
    sealed = escrow.state(place.cloud)
    yield f"- Copy of PHONE_KEY proved: {sealed.get('proved_at') or 'NEVER'}"


def alarms(place: Place) -> Iterator[str]:
    if place.cloud is None:
        yield "- None: nothing is deployed"
        return
    for tell in ("page", "mail"):
        to = place.cloud.stage.setting("alarms", tell, "nobody")
        for alarm in watch.alarms():
            if alarm.tell == tell:
                yield f"- {alarm.name}: {tell} to {to}, {alarm.when}; {alarm.runbook}"


def spend(place: Place) -> Iterator[str]:
    if place.cloud is None or place.cloud.endpoint:
        yield "- AWS: nothing"
        return
    cloud = place.cloud
    yield f"- AWS this month: {spent(cloud)} of {cloud.stage.budget or 'no budget'} dollars"


def spent(cloud: Cloud) -> str:
    try:
        found = cloud.client("budgets").describe_budget(AccountId=cloud.account, BudgetName=cloud.service)
    except ClientError as error:
        return f"not told ({error.response['Error']['Code']})"
    return str(found["Budget"].get("CalculatedSpend", {}).get("ActualSpend", {}).get("Amount", "not told"))


def drills(place: Place) -> Iterator[str]:
    last = place.env.get(NOTE)
    age = f"{(datetime.now(UTC).date() - date.fromisoformat(last)).days} days ago" if last else "NEVER"
    yield f"- Restore: {age}"
    until = place.store.counts.counted_until()
    yield f"- Results last counted: {until.isoformat() if until else 'never'}"
    open_since = place.store.oldest_due(place.clock())
    yield f"- Oldest work due: {moment_or_none(open_since)}"


def moment_or_none(at: datetime | None) -> str:
    return at.isoformat() if at else "none"


SECTIONS: dict[str, Section] = {
    "What runs": runs,
    "Rules": rules,
    "Languages": languages,
    "Numbers": numbers,
    "Secrets": secrets,
    "Who is told": alarms,
    "Cost": spend,
    "Drills and health": drills,
}


def main(arguments: Sequence[str]) -> int:
    given = command.parser("handover", __doc__ or "").parse_args(arguments)

    def shown() -> int:
        say(page(find(given.stage)))
        return DONE

    return command.run(shown)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
