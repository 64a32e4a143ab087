"""`python -m infra.sources import FILE`: calls of a centre that can only export."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.sources.__main__ import main
from infra.sources.batch import rows, run

HEAD = "call_id,caller,ended_at,queue,talk_seconds,answered,attributes.topic\n"


def line(n: int, ended_at: str = "2026-11-21T10:02:41+01:00") -> str:
    return f"c-{n},+46701740612,{ended_at},permits,420,yes,extension\n"


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    path = tmp_path / "calls.csv"
    path.write_text(HEAD + "".join(map(line, range(250))), encoding="utf-8")
    return path


def taker(taken: list[str]) -> Callable[[bytes], tuple[bool, str]]:
    def post(body: bytes) -> tuple[bool, str]:
        taken.append(json.loads(body)["call_id"])
        return True, "202"

    return post


def test_every_row_is_posted_as_the_webhook_takes_it(calls: Path) -> None:
    first = json.loads(next(rows(calls)).body)
    assert first == {
        "call_id": "c-0",
        "caller": "+46701740612",
        "ended_at": "2026-11-21T10:02:41+01:00",
        "queue": "permits",
        "talk_seconds": 420,
        "answered": True,
        "attributes": {"topic": "extension"},
    }
    taken: list[str] = []
    outcome = run(calls, taker(taken))
    assert (outcome.taken, outcome.refused) == (250, 0)
    assert sorted(taken) == sorted(f"c-{n}" for n in range(250))


def test_what_cannot_be_a_call_is_reported_with_its_line_and_the_rest_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    bad = [
        line(2, "yesterday"),
        "c-3,,2026-11-21T10:02:41+01:00\n",
        ",+46701740612,2026-11-21T10:02:41Z,q,1,no,\n",
    ]
    path.write_text(HEAD + line(1) + "".join(bad) + line(5), encoding="utf-8")
    taken: list[str] = []
    assert run(path, taker(taken)).refused == 3
    assert sorted(taken) == ["c-1", "c-5"]
    report = Path(f"{path}.refused.csv").read_text(encoding="utf-8").splitlines()
    assert [entry.split(",")[0] for entry in report] == ["line", "3", "4", "5"]
    assert "ended_at" in report[1]
    assert "call_id" in report[3]


def test_an_import_that_broke_off_goes_on_where_it_was(calls: Path) -> None:
    taken: list[str] = []

    def fails_after_150(body: bytes) -> tuple[bool, str]:
        return taker(taken)(body) if len(taken) < 150 else (False, "not reached: nobody there")

    with pytest.raises(ConnectionError, match="not reached"):
        run(calls, fails_after_150)
    again: list[str] = []
    outcome = run(calls, taker(again))
    assert outcome.skipped == 100
    assert sorted({*taken, *again}) == sorted(f"c-{n}" for n in range(250))
    assert (
        run(calls, taker([])).skipped == 0
    )  # it was through: a further run begins anew, which changes nothing


def test_a_file_that_was_changed_begins_anew(calls: Path) -> None:
    def never(body: bytes) -> tuple[bool, str]:
        return (False, "503") if b'"c-101"' in body else (True, "202")

    with pytest.raises(ConnectionError):
        run(calls, never)
    calls.write_text(HEAD + line(1), encoding="utf-8")
    assert run(calls, taker([])).skipped == 0


def test_lines_of_json_are_taken_too(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    good = {"call_id": "c-1", "caller": None, "ended_at": "2026-11-21T10:02:41Z"}
    path.write_text(json.dumps(good) + "\n\n{nonsense\n", encoding="utf-8")
    taken: list[str] = []
    assert (run(path, taker(taken)).refused, taken) == (1, ["c-1"])


def test_a_dry_run_posts_nothing_and_says_what_would_be_refused(
    calls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls.write_text(HEAD + line(1) + line(2, "soon"), encoding="utf-8")
    assert main(["import", str(calls), "--dry-run"]) == 1
    said = capsys.readouterr()
    assert "1 calls would be taken, 1 refused" in said.out
    assert "refused.csv" in said.err


def test_without_a_secret_nothing_is_posted(
    calls: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CALLS_WEBHOOK_SECRET", raising=False)
    assert main(["import", str(calls), "--url", "http://127.0.0.1:9"]) == 2
    assert "CALLS_WEBHOOK_SECRET" in capsys.readouterr().err
