"""The carrier's memory on disk: one JSON file, replaced as a whole, so that a reader never meets half of it.

    {"messages": […], "calls": […], "handsets": […], "opted_out": ["+46…"]}

Changes made close together are written once. What was promised to somebody (an accepted text) waits for `flush`.
"""

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from .model import Call, Handset, Line, Message

Record = Message | Call | Handset
PAUSE = 0.2  # seconds that changes may gather when nobody waits for them


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything that outlives the process."""

    messages: tuple[Message, ...] = ()
    calls: tuple[Call, ...] = ()
    handsets: tuple[Handset, ...] = ()
    opted_out: tuple[str, ...] = field(default=())


def load(path: Path) -> Kept:
    """What was written last; nothing when there is no file yet."""
    if not path.exists():
        return Kept()
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Kept(
        tuple(Message(**_with_times(each)) for each in kept["messages"]),
        tuple(_call(each) for each in kept["calls"]),
        tuple(Handset(**each) for each in kept["handsets"]),
        tuple(kept["opted_out"]),
    )


def _call(written: dict[str, Any]) -> Call:
    fields = _with_times(written)
    fields["lines"] = tuple(Line(**line) for line in fields["lines"])
    fields["events"] = tuple(fields["events"])
    return Call(**fields)


def _with_times(written: dict[str, Any]) -> dict[str, Any]:
    """The same with every `…_at` as a time again."""
    return {
        name: datetime.fromisoformat(value) if name.endswith("_at") and isinstance(value, str) else value
        for name, value in written.items()
    }


class Writer:
    """Writes what `snapshot` returns, on a thread of its own."""

    def __init__(self, path: Path, snapshot: Callable[[], Kept]) -> None:
        self._path, self._snapshot = path, snapshot
        self._encoded: dict[int, tuple[Record, str]] = {}  # records are frozen: each is turned into JSON once
        self._wanted = self._written = self._urgent = 0
        self._change = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._watch, name="carrier-writer", daemon=True)
        self._thread.start()

    def touch(self) -> None:
        """Something changed: write it soon."""
        with self._change:
            self._wanted += 1
            self._change.notify_all()

    def flush(self) -> None:
        """Return when all that changed before is on disk."""
        with self._change:
            mine = self._urgent = self._wanted
            self._change.notify_all()
            self._change.wait_for(lambda: self._written >= mine)

    def close(self) -> None:
        with self._change:
            self._closed = True
            self._change.notify_all()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._closed or self._wanted > self._written)
                self._change.wait_for(lambda: self._closed or self._urgent > self._written, PAUSE)
                if self._closed and self._wanted == self._written:
                    return
                version = self._wanted
            self._write(self._snapshot())
            with self._change:
                self._written = version
                self._change.notify_all()

    def _write(self, kept: Kept) -> None:
        seen: dict[int, tuple[Record, str]] = {}
        text = (
            f'{{"messages": {self._array(kept.messages, seen)},\n"calls": {self._array(kept.calls, seen)},\n'
            f'"handsets": {self._array(kept.handsets, seen)},\n"opted_out": {json.dumps(kept.opted_out)}}}\n'
        )
        self._encoded = seen
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self._path)  # outlives a killed process; no fsync, a power cut is not played here

    def _array(self, records: Iterable[Record], seen: dict[int, tuple[Record, str]]) -> str:
        for record in records:
            known = self._encoded.get(id(record))
            same = known is not None and known[0] is record
            seen[id(record)] = known if known and same else (record, json.dumps(asdict(record), default=_iso))
        return "[" + ",\n".join(seen[id(record)][1] for record in records) + "]"


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"not for JSON: {type(value).__name__}")
