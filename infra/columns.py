"""Exported tables: as CSV, as JSON lines, and the columns in words (`infra/columns.toml`)."""

import csv
import io
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chalicelib.shapes import FORMULA

FILE = Path(__file__).with_name("columns.toml")
Row = Mapping[str, Any]


def tables() -> dict[str, dict[str, str]]:
    """Table → column → what it says; `about` is the table itself."""
    found: dict[str, dict[str, str]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return found


def as_csv(name: str, rows: Sequence[Row]) -> str:
    columns = [column for column in tables()[name] if column != "about"]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([cell(flat(row)[column]) for column in columns] for row in rows)
    return text.getvalue()


def as_lines(rows: Sequence[Row]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def flat(row: Row) -> Row:
    """The answers in columns of their own."""
    return {**{name: value for name, value in row.items() if name != "answers"}, **row.get("answers", {})}


def cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


HEAD = """# Aftercall, {stage}: an export

Each table twice, as CSV and as JSON lines; `rates.json` as the results page counts, `settings.json` with its history,
`manifest.json` with the number of rows and the SHA-256 of each file. No phone number is in any of them.

In CSV a list or a group is JSON, `answers` is a column each, and a cell that a spreadsheet would run begins with an
apostrophe. Times are UTC (ISO 8601).
"""


def readme(stage: str) -> str:
    """For whoever opens the folder in ten years."""
    lines = [HEAD.format(stage=stage)]
    for name, columns in tables().items():
        lines += [f"## {name}.csv, {name}.jsonl", "", f"{columns['about']}.", ""]
        lines += [*(f"- `{column}`: {says}" for column, says in columns.items() if column != "about"), ""]
    return "\n".join(lines)
