"""What the routes of the API answer beyond the API's own dictionaries."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

import pytest

from chalicelib import front
from tests.engine_fixture import Engine
from tests.in_process import Bench, asked, on


@pytest.fixture
def bench(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The service on an empty table, behind the routes."""
    engine.empty()
    bench = on(engine.dynamodb, engine.table)
    monkeypatch.setattr(front, "service", lambda: bench.service)
    return bench


def test_the_next_page_of_a_csv_is_of_the_same_days_and_a_csv_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.api.PAGE", 2)
    bench.now = bench.now.replace(month=3)
    for n in range(5):
        caller = f"+4670174061{n}"
        bench.invited(caller, call_id=f"c-{n}")
        for answer in ("1", "1", "1"):
            bench.text(caller, answer)
    bench.ahead(days=200)  # by now these days are not the usual ones
    query: Mapping[str, str] | None = {"from": "2026-03-24", "to": "2026-03-25", "format": "csv"}
    calls, pages = list[str](), 0
    while query:
        answer = front.responses(asked("/api/responses", **query))
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        calls += [line.split(",")[1] for line in str(answer.body).splitlines()[1:]]
        link = re.fullmatch(r'<\?(.+)>; rel="next"', str(answer.headers.get("Link", "")))
        query, pages = dict(parse_qsl(link[1])) if link else None, pages + 1
    assert (sorted(calls), pages) == ([f"c-{n}" for n in range(5)], 3)
