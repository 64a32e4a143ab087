"""`python -m infra.export STAGE FOLDER`: everything a successor or an archive needs, as files; no phone number.

responses.csv, calls.jsonl, callbacks.jsonl, rates.json, settings.json, and manifest.json with the count and the
SHA-256 of each. Opt-outs are keyed hashes: they leave with the table itself (python -m infra.backup) and PHONE_KEY.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from chalicelib.api import MOST_DAYS, Api
from chalicelib.callbacks import State
from chalicelib.shapes import as_csv
from infra import command
from infra.command import DONE, OpsError, Progress, say
from infra.place import Place, find

Row = dict[str, Any]
DAY = timedelta(days=1)


def export(place: Place, folder: Path, first: date, end: date) -> int:
    """The exit code; `end` is the day after the last."""
    if not first < end <= first + DAY * MOST_DAYS:
        raise OpsError(f"--to must be after --from, and at most {MOST_DAYS} days")
    if folder.exists() and any(folder.iterdir()):
        raise OpsError(f"{folder} is not empty: name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    api, period = place.service().api, {"from": first.isoformat(), "to": end.isoformat()}
    responses = list(pages(api.responses, "responses", period))
    calls = list(pages(api.calls, "calls", period))
    owed = [row for state in State for row in pages(api.callbacks, "callbacks", {"state": state})]
    contents = {
        "responses.csv": (len(responses), as_csv(responses)),
        "calls.jsonl": (len(calls), lines(calls)),
        "callbacks.jsonl": (len(owed), lines(owed)),
        "rates.json": (1, pretty(rates(api, period))),
        "settings.json": (1, pretty(api.settings())),
    }
    manifest = {
        "stage": place.name,
        "exported_at": place.clock().isoformat(timespec="seconds"),
        **period,
        "files": {name: written(folder / name, rows, text) for name, (rows, text) in contents.items()},
    }
    (folder / "manifest.json").write_text(pretty(manifest), encoding="utf-8")
    say(f"{folder}: " + ", ".join(f"{rows} in {name}" for name, (rows, _) in contents.items()))
    return DONE


def rates(api: Api, period: dict[str, str]) -> Row:
    """In all, and by what the pages show."""
    by: tuple[str | None, ...] = (None, "week", "team", "queue", "language", "channel")
    return {each or "all": found for each, found in api.breakdowns(period, by).items()}


def pages(ask: Callable[[dict[str, str]], Row], name: str, query: dict[str, str]) -> Iterator[Row]:
    """Every row, page by page."""
    progress, count, on = Progress(), 0, ""
    while True:
        answer = ask({**query, **({"cursor": on} if on else {})})
        yield from answer[name]
        count += len(answer[name])
        progress.show(f"{name}: {count}")
        on = answer["next"]
        if not on:
            progress.done()
            return


def lines(rows: Sequence[Row]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


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
