"""The deployed stage on this machine, as its users meet it: a contact centre, phones, somebody with the token."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra import embedded, smoke, stacks, values
from infra.aws import Cloud, connect
from infra.local import processes
from infra.sources import sign
from infra.stage import Stage
from tests import stage as local

Json = dict[str, Any]
WITHIN = 40.0  # seconds: the engine polls its queues


@dataclass(frozen=True, slots=True)
class Deployed:
    """What `$DATA` has."""

    cloud: Cloud
    visitor: smoke.Visitor
    phones: local.Stage

    @classmethod
    def here(cls) -> "Deployed":
        cloud, carrier = connect(Stage.read("local")), processes.noted("carrier", embedded.folder())
        assert carrier is not None
        visitor = smoke.Visitor(cloud.public_url(), values.read(cloud))
        return cls(cloud, visitor, local.Stage(Path(embedded.folder()), carrier_port=carrier.port))

    @property
    def version(self) -> str:
        return str(json.loads(values.read(self.cloud)[values.DEPLOYED])["version"])

    def api(self, path: str, method: str = "GET", body: object = None) -> Json:
        sent = None if body is None else json.dumps(body).encode()
        token = f"Bearer {self.visitor.values['API_TOKEN']}"
        answer = self.visitor.ask(method, path, sent, Authorization=token, Content_Type="application/json")
        assert answer.status == 200, answer.body
        found: Json = answer.json()
        return found

    def call(self, call_id: str, caller: str, **fields: Any) -> Json:
        """The decision on a call that ended now."""
        ended = datetime.now(UTC)
        usual = {"call_id": call_id, "caller": caller, "ended_at": ended.isoformat(timespec="seconds")}
        more = {"queue": "permits", "team": "north", "language": "sv", "talk_seconds": 240}
        body = json.dumps({**usual, **more, **fields}).encode()
        signed = sign.headers(self.visitor.values["CALLS_WEBHOOK_SECRET"], f"msg_{call_id}", ended, body)
        headers = {name.replace("-", "_"): value for name, value in signed.items()}
        answer = self.visitor.ask("POST", "/webhooks/calls", body, Content_Type="application/json", **headers)
        assert answer.status in (200, 202), answer.body
        decision: Json = answer.json()
        return decision

    def invoke(self, function: str, event: Json) -> Json:
        """What a function of the stage answers to an event."""
        name = stacks.resource_names(self.cloud, self.cloud.service, "AWS::Lambda::Function")[function]
        answer = self.cloud.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
        found: Json = json.loads(answer["Payload"].read())
        return found

    def survey(self, call_id: str) -> Json:
        return self.api(f"/api/calls/{call_id}")

    def text_to(self, number: str) -> str:
        """The first text that arrives there."""
        until(lambda: bool(self.phones.phone(number)["texts"]))
        return self.phones.texts(number)[0]

    def rings(self, number: str) -> bool:
        return until(lambda: (self.phones.phone(number)["call"] or {}).get("status") == "ringing")


def until(true: Callable[[], bool], within: float = WITHIN) -> bool:
    deadline = time.monotonic() + within
    while not (done := true()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return done


def everything(cloud: Cloud) -> Mapping[str, list[str]]:
    """Whatever exists in the account, by kind, as each service itself lists it."""
    asked = {
        "stacks": ("cloudformation", "list_stacks", "StackSummaries", "StackName"),
        "functions": ("lambda", "list_functions", "Functions", "FunctionName"),
        "sources": ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
        "tables": ("dynamodb", "list_tables", "TableNames", ""),
        "queues": ("sqs", "list_queues", "QueueUrls", ""),
        "apis": ("apigateway", "get_rest_apis", "items", "id"),
        "roles": ("iam", "list_roles", "Roles", "RoleName"),
        "logs": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
        "alarms": ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
        "dashboards": ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
        "topics": ("sns", "list_topics", "Topics", "TopicArn"),
        "rules": ("events", "list_rules", "Rules", "Name"),
        "buckets": ("s3", "list_buckets", "Buckets", "Name"),
        "values": ("ssm", "describe_parameters", "Parameters", "Name"),
    }
    return {kind: listed(cloud, *how) for kind, how in asked.items()}


def listed(cloud: Cloud, service: str, operation: str, where: str, name: str) -> list[str]:
    found = getattr(cloud.client(service), operation)().get(where, ())
    names = [each[name] if name else each for each in found if "DELETE_COMPLETE" not in str(each)]
    return [each for each in names if each != "default"]
