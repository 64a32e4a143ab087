"""CloudFormation's words in Terraform's: references, the table, an alarm."""

import re
from collections.abc import Mapping
from typing import Any

from infra import watch
from infra.command import OpsError

Json = dict[str, Any]
FUNCTIONS = {  # logical name in the templates → Chalice's name in Terraform
    "APIHandler": "api_handler", "Send": "send", "Sweep": "sweep", "Refresh": "refresh", "Connect": "connect",
    "ConnectRecords": "connect_records", "ConnectAsk": "connect_ask", "Genesys": "genesys",
}  # fmt: skip
QUEUES = {
    "SendQueue": "send",
    "SendDeadLetters": "send_dead_letters",
    "EventDeadLetters": "event_dead_letters",
}
TOPICS = {"PageTopic": "page", "MailTopic": "mail"}
VARIABLES = {
    "Stage": "stage", "Authority": "authority", "TimeZone": "timezone", "LogDays": "log_days",
    "InviteDelaySeconds": "invite_delay_seconds", "TextsPerDay": "texts_per_day", "Values": "values",
}  # fmt: skip
NAMES: Mapping[str, str] = {
    "AWS::Partition": "data.aws_partition.chalice.partition",
    "AWS::Region": "data.aws_region.chalice.name",
    "AWS::AccountId": "data.aws_caller_identity.chalice.account_id",
    "Table": "aws_dynamodb_table.records.name",
    **{logical: f"var.{name}" for logical, name in VARIABLES.items()},
    **{logical: f"aws_lambda_function.{name}.function_name" for logical, name in FUNCTIONS.items()},
    **{f"{logical}Logs.Arn": f"aws_cloudwatch_log_group.{name}.arn" for logical, name in FUNCTIONS.items()},
    **{logical: f"aws_sqs_queue.{name}.url" for logical, name in QUEUES.items()},
    **{f"{logical}.Arn": f"aws_sqs_queue.{name}.arn" for logical, name in QUEUES.items()},
    **{f"{logical}.QueueName": f"aws_sqs_queue.{name}.name" for logical, name in QUEUES.items()},
    **{logical: f"aws_sns_topic.{name}.arn" for logical, name in TOPICS.items()},
}


def translated(value: Any) -> Any:
    """CloudFormation's references as Terraform's."""
    if isinstance(value, list):
        return [translated(each) for each in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Fn::Sub": text}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: reference(found[1]), text)
        case {"Fn::GetAtt": [name, attribute]}:
            return reference(f"{name}.{attribute}") + (":*" if name.endswith("Logs") else "")
        case {"Ref": name}:
            return reference(name)
    return {name: translated(each) for name, each in value.items()}


def reference(name: str) -> str:
    if name not in NAMES:
        raise OpsError(f"the Terraform form knows no {name}: give it a name in infra/terraformed.py")
    return f"${{{NAMES[name]}}}"


def table(properties: Json) -> Json:
    hash_key, range_key = keys(properties["KeySchema"])
    attributes = properties["AttributeDefinitions"]
    return {
        "name": "aftercall-${var.stage}",
        "billing_mode": "PAY_PER_REQUEST",
        "hash_key": hash_key,
        "range_key": range_key,
        "attribute": [{"name": each["AttributeName"], "type": each["AttributeType"]} for each in attributes],
        "global_secondary_index": [index(each) for each in properties["GlobalSecondaryIndexes"]],
        "point_in_time_recovery": {"enabled": True},
        "server_side_encryption": {"enabled": True},
        "ttl": {"attribute_name": properties["TimeToLiveSpecification"]["AttributeName"], "enabled": True},
        "deletion_protection_enabled": True,
        "lifecycle": {"prevent_destroy": True},
    }


def index(properties: Json) -> Json:
    hash_key, range_key = keys(properties["KeySchema"])
    projection = properties["Projection"]
    also = {"non_key_attributes": projection["NonKeyAttributes"]} if "NonKeyAttributes" in projection else {}
    kind = {"projection_type": projection["ProjectionType"], **also}
    return {"name": properties["IndexName"], "hash_key": hash_key, "range_key": range_key, **kind}


def keys(schema: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(key["AttributeName"] for key in schema)


def alarmed(alarm: watch.Alarm) -> Json:
    made = alarm.resource()
    statistic = {"extended_statistic": made["ExtendedStatistic"]} if "ExtendedStatistic" in made else {}
    return {
        "alarm_name": translated(made["AlarmName"]),
        "alarm_description": made["AlarmDescription"],
        "namespace": made["Namespace"],
        "metric_name": made["MetricName"],
        "dimensions": {each["Name"]: translated(each["Value"]) for each in made["Dimensions"]},
        **(statistic or {"statistic": made["Statistic"]}),
        "comparison_operator": made["ComparisonOperator"],
        "threshold": translated(made["Threshold"]),
        "period": made["Period"],
        "datapoints_to_alarm": made["DatapointsToAlarm"],
        "evaluation_periods": made["EvaluationPeriods"],
        "treat_missing_data": made["TreatMissingData"],
        "alarm_actions": translated(made["AlarmActions"]),
        "ok_actions": translated(made["OKActions"]),
    }
