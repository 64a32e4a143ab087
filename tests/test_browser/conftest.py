"""The pages in a real browser, where there is one. Without one these tests are not collected, and that is said."""

from collections.abc import Iterator

import pytest

from tests.chromium import FOUND, Chromium
from tests.test_browser.office import Office

collect_ignore_glob = [] if FOUND else ["test_*.py"]


def pytest_report_header() -> str:
    return f"browser: {FOUND}" if FOUND else "browser: no chromium found, so the pages are not tried in one"


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    assert FOUND
    with Chromium(FOUND) as started:
        yield started


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    with Office() as opened:
        yield opened
