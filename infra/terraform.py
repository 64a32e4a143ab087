"""`python -m infra.terraform`: the same package and resources for Terraform, in build/terraform.

CloudFormation is what is deployed and tested here; this is for an organisation that runs everything by Terraform. It is
Chalice's own Terraform form, with table, queues, logs, environment, permissions and alarms from the same files as the
templates. Secrets go into Parameter Store under the same names (`/aftercall/<stage>/…`), PUBLIC_URL too. Firewall, own
domain and own key are left to the modules such an organisation has.
"""

import json
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra import package, template, watch
from infra.command import DONE, OpsError, run, say
from infra.package import BUILD, Package

Json = dict[str, Any]
TO = BUILD / "terraform"
FUNCTIONS = {  # logical name in the templates → Chalice's name in Terraform
    "APIHandler": "api_handler", "Send": "send", "Sweep": "sweep", "Refresh": "refresh", "Connect": "connect",
    "ConnectAsk": "connect_ask", "Genesys": "genesys",
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
LOCAL_ONLY = {"TWILIO_API_URL", "PUBLIC_URL"}  # conditional in the templates


def build(to: Path = TO) -> Path:
    """The folder's `main.tf.json` and `deployment.zip`."""
    shutil.rmtree(to, ignore_errors=True)
    made = package.build(to)
    with TemporaryDirectory() as folder:
        package.stage(Path(folder, "project"))
        chalice = package.chalice(Path(folder, "project"), Path(folder, "out"), "terraform")
    package.write(whole(chalice, made), to / "main.tf.json")
    for file in (made.service, made.records):
        file.unlink()
    return to


def whole(chalice: Json, made: Package) -> Json:
    """Chalice's document with everything that is ours laid over it."""
    service, records = (json.loads(file.read_text(encoding="utf-8")) for file in (made.service, made.records))
    for policy in chalice["resource"]["aws_iam_role_policy"].values():
        policy["policy"] = json.dumps(translated(json.loads(policy["policy"])))
    chalice["data"].pop("null_data_source")
    chalice.pop("terraform")
    resources = {
        "aws_dynamodb_table": {"records": table(records["Resources"]["Table"]["Properties"])},
        "aws_sqs_queue": queues(service["Resources"]),
        "aws_sns_topic": {name: {"name": f"aftercall-${{var.stage}}-{name}"} for name in TOPICS.values()},
        "aws_cloudwatch_log_group": {name: logs(name) for name in FUNCTIONS.values()},
        "aws_cloudwatch_metric_alarm": {alarm.name: alarmed(alarm) for alarm in watch.alarms()},
        "aws_lambda_function": functions(service),
        "aws_lambda_event_source_mapping": {"send-sqs-event-source": source()},
        "aws_api_gateway_rest_api": {"rest_api": {"name": "aftercall-${var.stage}"}},
    }
    ours = {"terraform": versions(), "variable": variables(service), "resource": resources}
    laid: Json = template.laid_over(chalice, ours)
    return laid


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
        raise OpsError(f"the Terraform form knows no {name}: name it in {Path(__file__).name}")
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


def queues(resources: Json) -> Json:
    dead = translated(resources["SendQueue"]["Properties"]["RedrivePolicy"])
    made: Json = {}
    for logical, name in QUEUES.items():
        properties = resources[logical]["Properties"]
        made[name] = {
            "name": f"aftercall-${{var.stage}}-{name.replace('_', '-')}",
            "message_retention_seconds": properties["MessageRetentionPeriod"],
            "sqs_managed_sse_enabled": True,
        }
    seconds = resources["SendQueue"]["Properties"]["VisibilityTimeout"]
    made["send"] |= {"visibility_timeout_seconds": seconds, "redrive_policy": json.dumps(dead)}
    return made


def logs(name: str) -> Json:
    return {"name": f"/aftercall/${{var.stage}}/{name}", "retention_in_days": "${var.log_days}"}


def functions(service: Json) -> Json:
    """What a function has beyond Chalice: environment, log, and where an event goes that could not be taken."""
    named = service["Globals"]["Function"]["Environment"]["Variables"]
    variables = {name: translated(value) for name, value in named.items() if name not in LOCAL_ONLY}
    made: Json = {}
    for logical, name in FUNCTIONS.items():
        group = f"${{aws_cloudwatch_log_group.{name}.name}}"
        own = {"function_name": f"aftercall-${{var.stage}}-{name.replace('_', '-')}"}
        made[name] = {**own, "environment": {"variables": variables}}
        made[name]["logging_config"] = {"log_format": "Text", "log_group": group}
        if dead := service["Resources"][logical]["Properties"].get("DeadLetterQueue"):
            made[name]["dead_letter_config"] = {"target_arn": translated(dead["TargetArn"])}
    return made


def source() -> Json:
    return {
        "event_source_arn": "${aws_sqs_queue.send.arn}",
        "function_response_types": ["ReportBatchItemFailures"],
        "scaling_config": {"maximum_concurrency": 10},
    }


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


def variables(service: Json) -> Json:
    found = {name: service["Parameters"][logical] for logical, name in VARIABLES.items()}
    return {
        name: {"type": "string", "description": parameter["Description"]}
        | ({"default": str(parameter["Default"])} if "Default" in parameter else {})
        for name, parameter in found.items()
    }


def versions() -> Json:
    """Chalice's own bounds are older: it names a data source that nothing here needs."""
    return {
        "required_version": ">= 1.5",
        "required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 5.70"}},
    }


def make() -> int:
    try:
        say(f"{build()}: terraform -chdir={TO.relative_to(package.ROOT)} init && terraform plan")
    except package.PackageError as error:
        raise OpsError(str(error)) from error
    return DONE


if __name__ == "__main__":
    sys.exit(run(make))
