"""`python -m infra.terraform`: the same package and resources for Terraform, in build/terraform.

CloudFormation is what is deployed and tested here; this is for an organisation that runs everything by Terraform. It is
Chalice's own Terraform form, with table, queues, logs, environment, permissions and alarms from the same files as the
templates. Secrets go into Parameter Store under the same names (`/aftercall/<stage>/…`), PUBLIC_URL too. Firewall, own
domain and own key are left to the modules such an organisation has.
"""

import json
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra import package, template, watch
from infra.command import DONE, OpsError, run, say
from infra.package import BUILD, Package
from infra.terraformed import FUNCTIONS, QUEUES, TOPICS, VARIABLES, alarmed, table, translated

Json = dict[str, Any]
TO = BUILD / "terraform"
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
        say(f"In {build().relative_to(package.ROOT)}: terraform init, terraform plan")
    except package.PackageError as error:
        raise OpsError(str(error)) from error
    return DONE


if __name__ == "__main__":
    sys.exit(run(make))
