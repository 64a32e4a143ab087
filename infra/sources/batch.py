"""Importing calls from a file: for centres that can only export. Resumable, and harmless to repeat.

    call_id,caller,ended_at,queue,team,language,talk_seconds,attributes.topic
    c-81f2,+46701740612,2026-11-21T10:02:41+01:00,permits,north,sv,420,extension

A CSV file has the fields of `POST /webhooks/calls` as its columns; a `.jsonl` file one such object a line. Calls that
ended more than two hours ago are counted and never texted. A row that is refused is written to `FILE.refused.csv` with
its line and the reason; `FILE.progress` remembers how far an interrupted import came, and goes when it is through.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from chalicelib.errors import BadRequest
from chalicelib.sources import calls

AT_ONCE = 4  # posts under way
BATCH = 100  # rows between two notes of how far we are
NUMBERS = ("wait_seconds", "talk_seconds")
FLAGS = ("answered", "callback_consent", "test")
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
Post = Callable[[bytes], tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One call of the file; `refused` says why it cannot be one."""

    line: int
    body: bytes = b""
    refused: str | None = None


@dataclass(slots=True)
class Outcome:
    """What became of the file."""

    taken: int = 0
    refused: int = 0
    skipped: int = 0  # done by an earlier, interrupted run


def rows(path: Path) -> Iterator[Row]:
    """Every row, checked as the service checks it. UTF-8, with or without a byte order mark."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix == ".jsonl":
            yield from (_checked(line, text.encode()) for line, text in enumerate(file, 1) if text.strip())
        else:
            reader = csv.DictReader(file)
            yield from (_from_csv(reader.line_num, cells) for cells in reader)


def run(path: Path, post: Post | None) -> Outcome:
    """Post what is left of the file; with `post` None only check it. Raises OSError when the service is gone."""
    outcome, mark = Outcome(), _Mark(path)
    everything = list(rows(path))
    outcome.skipped = mark.done if post else 0
    refused = path.with_name(path.name + ".refused.csv")
    with tqdm(total=len(everything), initial=outcome.skipped, unit="call", disable=None) as bar:
        for start in range(outcome.skipped, len(everything), BATCH):
            batch = everything[start : start + BATCH]
            told = _posted(batch, post)
            _report(refused, told, fresh=start == 0)
            outcome.refused += len(told)
            outcome.taken += len(batch) - len(told)
            if post:
                mark.note(start + len(batch))
            bar.update(len(batch))
    mark.forget()
    return outcome


def _posted(batch: list[Row], post: Post | None) -> dict[int, str]:
    """Why each refused row was refused, by line. A service that is gone ends the import: it can be resumed."""
    told = {row.line: row.refused for row in batch if row.refused}
    if post is None:
        return told
    good = [row for row in batch if not row.refused]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for row, (taken, said) in zip(good, pool.map(post, (row.body for row in good)), strict=True):
            if not taken and said.startswith("4"):
                told[row.line] = said
            elif not taken:
                raise ConnectionError(f"line {row.line}: {said}")
    return told


def _report(path: Path, told: Mapping[int, str], fresh: bool) -> None:
    if fresh:
        path.unlink(missing_ok=True)
    if told:
        new = not path.exists()
        with path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerows([["line", "reason"]] * new + [[line, told[line]] for line in sorted(told)])


def _from_csv(line: int, cells: Mapping[str | None, Any]) -> Row:
    if None in cells or None in cells.values():
        return Row(line, refused="has another number of columns than the first line")
    message: dict[str, Any] = {"caller": None}
    attributes = {}
    for name, cell in cells.items():
        text = str(cell).strip()
        if not text:
            continue
        if str(name).startswith("attributes."):
            attributes[str(name).partition(".")[2]] = text
        else:
            message[str(name)] = _value(str(name), text)
    return _checked(line, json.dumps({**message, "attributes": attributes}).encode())


def _value(name: str, text: str) -> Any:
    if name in NUMBERS:
        return int(text) if text.isascii() and text.isdigit() else text
    return TRUTHS.get(text.lower(), text) if name in FLAGS else text


def _checked(line: int, body: bytes) -> Row:
    try:
        calls.parse(body)
    except BadRequest as error:
        return Row(line, refused=str(error))
    return Row(line, body)


class _Mark:
    """How far an interrupted import of this very file came."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".progress")
        self._sha = hashlib.sha256(path.read_bytes()).hexdigest()

    @property
    def done(self) -> int:
        if not self._path.exists():
            return 0
        kept = json.loads(self._path.read_text(encoding="utf-8"))
        return int(kept["done"]) if kept["sha256"] == self._sha else 0

    def note(self, done: int) -> None:
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps({"sha256": self._sha, "done": done}), encoding="utf-8")
        draft.replace(self._path)

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)
