"""What a year of calls uses and costs: text parts from the texts themselves, table units as tests count them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib import prompts
from chalicelib.segments import segments
from infra import watch
from infra.command import OpsError
from infra.prompts.form import arrived, table

FILE = Path(__file__).with_name("prices.toml")
MONTHS = 12
REQUESTS_OF_A_LOOK = 3  # to SQS: sent, received, deleted


@dataclass(frozen=True, slots=True)
class Year:
    """What comes in, and how callers take it. Shares are of what stands before them."""

    calls: int
    languages: Mapping[str, float]  # shares, together 1
    invited: float = 0.7  # of the calls
    completed: float = 0.3  # of those invited
    unresolved: float = 0.2  # of the completed: asked whether to be called back, and told when
    landlines: float = 0.05  # of those invited, by voice
    at_once: bool = False  # all three questions in one text

    @property
    def surveys(self) -> float:
        return self.calls * self.invited

    @property
    def finished(self) -> float:
        return self.surveys * self.completed


@dataclass(frozen=True, slots=True)
class Bill:
    """A year's use, and what it costs, by name."""

    parts: float  # of text, sent
    replies: float
    rung: float  # calls placed
    aws: Mapping[str, float]  # dollars
    carrier: Mapping[str, float]

    def used(self) -> dict[str, float]:
        return {"parts": self.parts, "replies": self.replies, "calls placed": self.rung}


def of(year: Year, book: Mapping[str, Any]) -> Bill:
    """The year's use at the book's prices."""
    texted = 1 - year.landlines
    parts = sum(share * parts_of(code, year) for code, share in year.languages.items()) * texted
    replies = year.finished * ((1 if year.at_once else 3) + year.unresolved) * texted
    rung = year.surveys * year.landlines * book["assumed"]["rings"]
    return Bill(parts, replies, rung, aws(year, book), carrier(year, book, parts, replies, rung))


def parts_of(language: str, year: Year) -> float:
    """Parts sent in a year if every survey were in this language and by text. Raises OpsError for one we lack."""
    try:
        raw = table(language)
    except FileNotFoundError as error:
        raise OpsError(f"there are no texts in {language!r}: {', '.join(prompts.languages())}") from error

    def long(*keys: str) -> int:
        return sum(segments(arrived(key, raw["sms"][key], raw)).segments for key in keys)

    invite, asked = ("invite_all_in_one", ()) if year.at_once else ("invite_one_by_one", ("ask", "ask"))
    silent = 1 - year.completed
    each = long(invite) + silent * long("reminder")
    each += year.completed * (1 - year.unresolved) * long(*asked, "thanks")
    each += year.completed * year.unresolved * long(*asked, "consent", "promise")
    return year.surveys * each


def aws(year: Year, book: Mapping[str, Any]) -> dict[str, float]:
    """Dollars a year by service."""
    use, assumed = used(year, book), book["assumed"]
    functions = (
        use["requests"] + use["looks"] + MONTHS * (assumed["sweeps_a_month"] + assumed["refreshes_a_month"])
    )
    seconds = functions * assumed["function_seconds"] * assumed["function_gigabytes"]
    stored = year.calls * assumed["record_bytes"] / 1e9 * assumed["kept_days"] / 365
    queued = use["looks"] * REQUESTS_OF_A_LOOK + MONTHS * assumed["polls_a_month"]
    amounts = {
        "DynamoDB": {
            "dynamodb_write": use["write"],
            "dynamodb_read": use["read"],
            "dynamodb_gigabyte": stored * MONTHS,
        },
        "API Gateway": {"api_request": use["requests"]},
        "Lambda": {"lambda_request": functions, "lambda_gigabyte_second": seconds},
        "SQS": {"sqs_request": queued},
        "CloudWatch": {
            "log_gigabyte": functions * assumed["log_bytes"] / 1e9,
            "alarm": len(watch.alarms()) * MONTHS,
            "metric": assumed["metrics"] * MONTHS,
            "dashboard": MONTHS,
        },
        "KMS": {"key": MONTHS},
        "WAF": {"firewall": MONTHS, "firewall_request": use["requests"]},
    }
    factor = float(book["region"]["factor"])
    return {
        name: factor * sum(priced(book["aws"][what], much) for what, much in each.items())
        for name, each in amounts.items()
    }


def used(year: Year, book: Mapping[str, Any]) -> dict[str, float]:
    """Table units, requests and looks of a year."""
    counts = {
        "completed_at_once" if year.at_once else "completed": year.finished,
        "callback": year.finished * year.unresolved,
        "silent": year.surveys - year.finished,
        "not_invited": year.calls - year.surveys,
    }
    kinds = ("write", "read", "requests", "looks")
    return {kind: sum(book["units"][name][kind] * count for name, count in counts.items()) for kind in kinds}


def carrier(
    year: Year, book: Mapping[str, Any], parts: float, replies: float, rung: float
) -> dict[str, float]:
    spoken = year.finished * year.landlines * book["assumed"]["survey_minutes"]
    amounts = {
        "texts sent": ("text_out", parts),
        "texts received": ("text_in", replies),
        "minutes rung and spoken": ("minute_out", spoken + rung),
        "machine detection": ("machine_detection", rung),
        "speech heard": ("speech", year.finished * year.landlines * book["assumed"]["survey_questions"]),
        "number": ("number", MONTHS),
    }
    return {name: priced(book["carrier"][what], much) for name, (what, much) in amounts.items()}


def priced(price: Mapping[str, Any], amount: float) -> float:
    return float(price["usd"]) * amount / float(price["per"])


def over(year: Year, made: Bill, book: Mapping[str, Any]) -> list[str]:
    """Every ceiling that is passed, in words."""
    ceilings, finished = book["ceilings"], max(year.finished, 1)
    found = {
        "aws_a_month": sum(made.aws.values()) / MONTHS,
        "records_and_requests_a_completed_survey": (made.aws["DynamoDB"] + made.aws["API Gateway"])
        / finished,
        "parts_a_completed_survey": made.parts / finished,
    }
    return [
        f"{name.replace('_', ' ')}: {much:.4g}, at most {ceilings[name]:g}"
        for name, much in found.items()
        if much > ceilings[name]
    ]


def prices(path: Path = FILE) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
