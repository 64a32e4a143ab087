"""Logs and metrics by Powertools, and no way to print a phone number: every line passes `scrubbed`.

The survey's id is the correlation id. Metrics carry no dimension but the service's name and the stage's.
"""

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit

# Seven digits or more that are no part of a longer word: a phone number in any of the usual spellings. Times,
# dates and our own ids do not look like that.
NUMBER = re.compile(r"(?<![\w:.-])(?:\+|%2B|00)?\d(?:[ ()/-]?\d){6,14}(?![\w:])|\+\d{7,15}")


def scrubbed(line: str) -> str:
    """The line with everything that could be a phone number struck out."""
    return NUMBER.sub("[number]", line)


class _Scrubbing(LambdaPowertoolsFormatter):
    def serialize(self, log: Any) -> str:
        return scrubbed(str(super().serialize(log)))


@cache
def _logger() -> Logger:
    return Logger(service="aftercall", logger_formatter=_Scrubbing(utc=True, use_rfc3339=True))


def info(message: str, survey: str | None = None, **facts: object) -> None:
    _logger().info(message, stacklevel=3, extra={"correlation_id": survey, **_said(facts)})


def failure(message: str, **facts: object) -> None:
    """With the traceback of the exception being handled. Counted: an alarm looks at how many there are."""
    _logger().exception(message, stacklevel=3, extra=_said(facts))
    metric("Failures")


def _said(facts: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in facts.items()}


def metric(name: str, value: float = 1) -> None:
    """Written at once, as one line of the embedded metric format: nothing is left to flush."""
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace="Aftercall") as metrics:
        metrics.add_dimension(name="service", value="aftercall")
        metrics.add_dimension(name="stage", value=os.environ.get("STAGE", "local"))
