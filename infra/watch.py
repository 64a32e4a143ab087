"""Alarms and the dashboard, made from `infra/watch.toml`: what is watched, who is told, and where to read on."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("watch.toml")
RUNBOOK = "docs/runbook.md"
OWN = "Aftercall"  # the namespace of the service's own metrics
OWN_DIMENSIONS = {"service": "aftercall", "stage": "${Stage}"}
TOPICS = {"page": "PageTopic", "mail": "MailTopic"}
ALARMS, GRAPHS = "alarms", "graphs"
Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Alarm:
    """One entry of the file; see there."""

    name: str
    means: str
    tell: str
    when: str
    metric: tuple[str, str]
    statistic: str
    seconds: int
    times: tuple[int, int]
    over: float | str | None = None
    under: float | None = None
    of: Mapping[str, str] = field(default_factory=dict)
    missing: str = "notBreaching"

    @property
    def runbook(self) -> str:
        """Where to read on: `docs/runbook.md#dead-letters` for DeadLetters."""
        return f"{RUNBOOK}#{re.sub('(?<!^)(?=[A-Z])', '-', self.name).lower()}"

    @property
    def description(self) -> str:
        return f"{self.tell} · {self.when} · {self.means} · {self.runbook}"

    def resource(self) -> Resource:
        namespace, metric = self.metric
        topic = {"Ref": TOPICS[self.tell]}
        percentile = self.statistic.startswith("p")
        limit = self.under if self.over is None else self.over
        return {
            "AlarmName": {"Fn::Sub": f"aftercall-${{Stage}}-{self.name}"},
            "AlarmDescription": self.description,
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": named(value)} for name, value in self._of().items()],
            "ExtendedStatistic" if percentile else "Statistic": self.statistic,
            "ComparisonOperator": f"{'Less' if self.over is None else 'Greater'}ThanThreshold",
            "Threshold": {"Ref": limit} if isinstance(limit, str) else limit,
            "Period": self.seconds,
            "DatapointsToAlarm": self.times[0],
            "EvaluationPeriods": self.times[1],
            "TreatMissingData": self.missing,
            "AlarmActions": [topic],
            "OKActions": [topic],
        }

    def _of(self) -> Mapping[str, str]:
        return OWN_DIMENSIONS if self.metric[0] == OWN else self.of


def alarms() -> list[Alarm]:
    """Every alarm there is, in the file's order."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))[ALARMS]
    return [
        Alarm(name, **{**entry, "metric": tuple(entry["metric"]), "times": tuple(entry["times"])})
        for name, entry in entries.items()
    ]


def resources() -> dict[str, Resource]:
    """Alarms and dashboard by logical name, for the template."""
    made = {
        f"{a.name}Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": a.resource()} for a in alarms()
    }
    body = {"Fn::Sub": json.dumps({"widgets": widgets()})}
    name = {"Fn::Sub": "aftercall-${Stage}"}
    board = {"DashboardName": name, "DashboardBody": body}
    return {**made, "Dashboard": {"Type": "AWS::CloudWatch::Dashboard", "Properties": board}}


def widgets() -> list[Resource]:
    """The state of all alarms over the graphs, two in a row."""
    arns = [f"${{{alarm.name}Alarm.Arn}}" for alarm in alarms()]
    state = {"type": "alarm", "width": 24, "height": 3, "properties": {"title": "Alarms", "alarms": arns}}
    return [state, *map(widget, tomllib.loads(FILE.read_text(encoding="utf-8"))[GRAPHS])]


def widget(graph: Mapping[str, Any]) -> Resource:
    properties = {
        "title": graph["title"],
        "stat": graph["statistic"],
        "period": 300,
        "region": "${AWS::Region}",
        "metrics": [[*line, *own(line)] for line in graph["lines"]],
    }
    return {"type": "metric", "width": 12, "height": 6, "properties": properties}


def own(line: list[str]) -> list[str]:
    """The dimensions a line of the service's own metrics goes without in the file."""
    return [part for pair in OWN_DIMENSIONS.items() for part in pair] if line[0] == OWN else []


def named(value: str) -> Any:
    return {"Fn::Sub": value} if "${" in value else value
