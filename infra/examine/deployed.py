"""What AWS keeps of a deployed stage: values that reached the functions, escrow, alarms, protection, spend."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from botocore.exceptions import ClientError

from infra import escrow, stacks, values
from infra.aws import Cloud
from infra.examine.finding import Finding, NotTold, Patient

PROVED_FOR = timedelta(days=365)


def in_use(patient: Patient) -> Iterator[Finding]:
    """The functions hold the values that are kept."""
    cloud = _cloud(patient)
    deployed = stacks.parameters(cloud, cloud.service).get("Values", "")
    if deployed != values.versions(cloud):
        yield Finding(
            "values-not-deployed",
            "A secret or an account was changed, and running functions still hold the one before.",
            f"python -m infra.deploy {cloud.stage.name}",
        )


def sealed_copy(patient: Patient) -> Iterator[Finding]:
    """A sealed copy of PHONE_KEY was proved within the year."""
    cloud = _on_aws(patient)
    proved = escrow.state(cloud).get("proved_at")
    if proved is None or datetime.now(UTC).date() - date.fromisoformat(proved) > PROVED_FOR:
        yield Finding(
            "escrow",
            f"Nobody has proved that a copy of PHONE_KEY is kept (last: {proved or 'never'}).",
            f"Open the sealed copy and type it: python -m infra.escrow {cloud.stage.name}. Without the key every"
            " opt-out is lost.",
        )


def heard(patient: Patient) -> Iterator[Finding]:
    """Alarms reach somebody."""
    cloud = _on_aws(patient)
    outputs = cloud.outputs(cloud.service)
    for tell in ("page", "mail"):
        if not cloud.stage.setting("alarms", tell, ""):
            if cloud.stage.protected:
                yield Finding(
                    f"no-{tell}",
                    f"Nobody gets the alarms that {tell}.",
                    f"Set {tell} under [alarms] in infra/stages/{cloud.stage.name}.toml, and deploy.",
                )
            continue
        topic = outputs[f"{tell.capitalize()}Topic"]
        found = cloud.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        if not any(each["SubscriptionArn"].startswith("arn:") for each in found):
            yield Finding(
                f"{tell}-unconfirmed",
                f"Whoever gets the alarms that {tell} has not confirmed it: AWS sends nothing until then.",
                "Let them follow the link in AWS's mail; it comes again after: python -m infra.deploy"
                f" {cloud.stage.name}.",
            )


def ringing(patient: Patient) -> Iterator[Finding]:
    """No alarm is ringing."""
    cloud = _on_aws(patient)
    pages = cloud.client("cloudwatch").get_paginator("describe_alarms")
    for page in pages.paginate(AlarmNamePrefix=f"aftercall-{cloud.stage.name}-", StateValue="ALARM"):
        for alarm in page["MetricAlarms"]:
            yield Finding(
                "alarm", f"{alarm['AlarmName']} is ringing.", f"Read {alarm['AlarmDescription'].split()[-1]}."
            )


def protected(patient: Patient) -> Iterator[Finding]:
    """Records can be brought back, and are not deleted by mistake."""
    cloud = _on_aws(patient)
    name, client = cloud.outputs(cloud.records)["Table"], cloud.client("dynamodb")
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    again = f"python -m infra.deploy {cloud.stage.name}"
    if backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") != "ENABLED":
        yield Finding("no-backup", f"Point-in-time recovery of {name} is off.", f"Switch it on: {again}.")
    table = client.describe_table(TableName=name)["Table"]
    if cloud.stage.protected and not table.get("DeletionProtectionEnabled"):
        yield Finding("unprotected", f"The table {name} can be deleted.", f"Protect it: {again}.")


def spend(patient: Patient) -> Iterator[Finding]:
    """AWS stays within the month's budget."""
    cloud = _on_aws(patient)
    if not cloud.stage.budget:
        raise NotTold("the stage has no budget")
    try:
        found = cloud.client("budgets").describe_budget(AccountId=cloud.account, BudgetName=cloud.service)
    except ClientError as error:
        raise NotTold(f"the budget could not be read: {error.response['Error']['Code']}") from error
    spent = float(found["Budget"].get("CalculatedSpend", {}).get("ActualSpend", {}).get("Amount", 0))
    if spent > cloud.stage.budget:
        yield Finding(
            "over-budget",
            f"AWS cost {spent:.2f} dollars this month; the budget is {cloud.stage.budget}.",
            "See which service in Cost Explorer; docs/scale.md says what each should cost.",
        )


CHECKS = (in_use, sealed_copy, heard, ringing, protected, spend)


def _cloud(patient: Patient) -> Cloud:
    if patient.place.cloud is None:
        raise NotTold("make run deploys nothing")
    return patient.place.cloud


def _on_aws(patient: Patient) -> Cloud:
    cloud = _cloud(patient)
    if cloud.endpoint:
        raise NotTold("on AWS only")
    return cloud
