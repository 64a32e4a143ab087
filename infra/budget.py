"""The stage's budget: AWS writes to the stage's mail when a month is about to cost more. Made here: in some regions
CloudFormation has no budgets. It counts what carries the tag `aftercall`, once that tag is activated in billing.
"""

from typing import Any

from botocore.exceptions import ClientError

from infra.aws import TAG, Cloud

TOLD_AT = (("ACTUAL", 80), ("FORECASTED", 100))  # per cent of the month's limit


def keep(cloud: Cloud) -> None:
    """The budget as the stage's file says: made, changed or gone."""
    if not (cloud.stage.budget and cloud.stage.mail):
        remove(cloud)
        return
    client, budget = cloud.client("budgets"), wanted(cloud)
    try:
        client.create_budget(
            AccountId=cloud.account, Budget=budget, NotificationsWithSubscribers=notices(cloud.stage.mail)
        )
    except client.exceptions.DuplicateRecordException:
        client.update_budget(AccountId=cloud.account, NewBudget=budget)


def remove(cloud: Cloud) -> None:
    try:
        cloud.client("budgets").delete_budget(AccountId=cloud.account, BudgetName=cloud.service)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise


def wanted(cloud: Cloud) -> dict[str, Any]:
    return {
        "BudgetName": cloud.service,
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": str(cloud.stage.budget), "Unit": "USD"},
        "CostFilters": {"TagKeyValue": [f"user:{TAG}${cloud.stage.name}"]},
    }


def notices(mail: str) -> list[dict[str, Any]]:
    return [
        {
            "Notification": {
                "NotificationType": kind, "ComparisonOperator": "GREATER_THAN", "Threshold": share,
                "ThresholdType": "PERCENTAGE",
            },
            "Subscribers": [{"SubscriptionType": "EMAIL", "Address": mail}],
        }
        for kind, share in TOLD_AT
    ]  # fmt: skip
