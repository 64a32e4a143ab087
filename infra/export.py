"""`python -m infra.export STAGE FOLDER`: everything a successor or an archive needs, as files; no phone number.

Calls, responses, callbacks, remarks and opt-outs, each as CSV and as JSON lines; rates, settings, the columns in
words (README.md), and manifest.json with the count and the SHA-256 of each file. Opt-outs are keyed hashes: whoever
takes the service over needs PHONE_KEY with them; for another system, have the carrier export its own list.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from chalicelib import shapes
from chalicelib.api import MOST_DAYS, Api
from chalicelib.store.dynamo import expired
from chalicelib.store.records import callback_from, ending, survey_from
from chalicelib.survey import Survey
from infra import columns, command
from infra.command import DONE, OpsError, Progress, say
from infra.place import Place, find

Row = dict[str, Any]
DAY = timedelta(days=1)
ANSWERED = set("yns")  # of an ending: a survey with one of these is a response, as for the API


def export(place: Place, folder: Path, first: date, end: date) -> int:
    """The exit code; `end` is the day after the last."""
    if not first < end <= first + DAY * MOST_DAYS:
        raise OpsError(f"--to must be after --from, and at most {MOST_DAYS} days")
    if folder.exists() and any(folder.iterdir()):
        raise OpsError(f"{folder} is not empty: name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    api, period = place.service().api, {"from": first.isoformat(), "to": end.isoformat()}
    tables = kept(place, first, end)
    contents = {
        "README.md": (1, columns.readme(place.name)),
        "rates.json": (1, pretty(rates(api, period))),
        "settings.json": (1, pretty(api.settings())),
    }
    for name, rows in tables.items():
        contents[f"{name}.csv"] = len(rows), columns.as_csv(name, rows)
        contents[f"{name}.jsonl"] = len(rows), columns.as_lines(rows)
    manifest = {
        "stage": place.name,
        "exported_at": place.clock().isoformat(timespec="seconds"),
        **period,
        "files": {name: written(folder / name, rows, text) for name, (rows, text) in contents.items()},
    }
    written(folder / "manifest.json", 1, pretty(manifest))  # last: an export without it is not whole
    say(f"{folder}: " + ", ".join(f"{len(rows)} {name.replace('_', '-')}" for name, rows in tables.items()))
    return DONE


def rates(api: Api, period: dict[str, str]) -> Row:
    """In all, and by what the pages show."""
    by: tuple[str | None, ...] = (None, "week", "team", "queue", "language", "channel")
    return {each or "all": found for each, found in api.breakdowns(period, by).items()}


def kept(place: Place, first: date, end: date) -> dict[str, list[Row]]:
    """The table, read from end to end, once: calls and responses of these days, the rest of every day."""
    found: dict[str, list[Row]] = {name: [] for name in columns.tables()}
    surveys, progress = list[Survey](), Progress()
    for n, item in enumerate(scanned(place), 1):
        kind, _, record_id = str(item["pk"]).partition("#")
        part = str(item["sk"]).partition("#")[0]
        if (kind, part) == ("survey", "survey"):
            surveys.append(survey_from(item))
        elif part == "remark":
            found["remarks"].append(remark(record_id, item))
        elif kind == "callback":
            found["callbacks"].append(shapes.callback(callback_from(item)))
        elif kind == "caller" and "opted_out" in item:
            found["opt_outs"].append({"key": record_id, "at": item["opted_out"]})
        progress.show(f"{n} records read")
    progress.done()
    for survey in sorted(surveys, key=lambda survey: (survey.ended_at, survey.id)):
        if first <= survey.local_day < end:
            found["calls"].append(shapes.call(survey))
            if set(ending(survey).answers) & ANSWERED:
                found["responses"].append(shapes.response(survey))
    return found


def remark(survey_id: str, item: Row) -> Row:
    n = int(str(item["sk"]).partition("#")[2])
    told = {"at": item["listed_at"], "language": item["lang"], "queue": item.get("queue", "")}
    return {"survey_id": survey_id, "n": n, **told, "state": item["remark_state"], "text": item["text"]}


def scanned(place: Place) -> Iterator[Row]:
    decode, now = TypeDeserializer().deserialize, place.clock()
    for page in place.client("dynamodb").get_paginator("scan").paginate(TableName=place.settings.table):
        items = ({name: decode(value) for name, value in item.items()} for item in page["Items"])
        yield from (item for item in items if not expired(item, now))


def pretty(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def written(path: Path, rows: int, text: str) -> Row:
    raw = text.encode()
    path.write_bytes(raw)
    path.chmod(0o600)
    return {"rows": rows, "sha256": hashlib.sha256(raw).hexdigest()}


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("must be a day such as 2026-11-21") from error


def main(arguments: Sequence[str]) -> int:
    parser = command.parser("export", __doc__ or "")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new one")
    parser.add_argument(
        "--from", dest="first", type=day, metavar="DAY", help="default: 400 days ago, all there is"
    )
    parser.add_argument(
        "--to", dest="end", type=day, metavar="DAY", help="the day after the last; default: tomorrow"
    )
    given = parser.parse_args(arguments)

    def run() -> int:
        place = find(given.stage)
        end = given.end or place.clock().astimezone(place.settings.zone).date() + DAY
        return export(place, given.folder, given.first or end - DAY * MOST_DAYS, end)

    return command.run(run)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
