"""The local machine's clock: real time plus an offset that a developer may set, shared through one small file.

`$DATA/clock.json` holds `{"offset_seconds": 3600.0}`. It runs on from wherever it was set; no file means real time.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path


class LocalClock:
    """Reads the shared offset afresh whenever the file has changed, so that every local process tells one time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None  # mtime and inode of the file the offset was read from
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """The machine's time, in UTC."""
        self._refresh()
        return datetime.now(UTC) + self._offset

    def set(self, now: datetime) -> None:
        """Make it `now` (with an offset to UTC) for every process; ValueError when `now` does not say its zone."""
        if now.tzinfo is None:
            raise ValueError(
                "now: give the time with its offset to UTC, for example 2026-11-21T08:00:00+01:00"
            )
        offset = (now - datetime.now(UTC)).total_seconds()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        draft.write_text(json.dumps({"offset_seconds": offset}), encoding="utf-8")
        draft.replace(self._path)  # readers see the old offset or the new one, never half a file

    def _refresh(self) -> None:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._seen, self._offset = None, timedelta(0)
            return
        seen = (
            stat.st_mtime_ns,
            stat.st_ino,
        )  # two settings within one tick of the file system differ in inode
        if seen != self._seen:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            self._seen, self._offset = seen, timedelta(seconds=float(kept["offset_seconds"]))
