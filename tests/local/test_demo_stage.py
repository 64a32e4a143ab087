"""`make demo` on running stages: what it invents really happens, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.local.demo import progress
from infra.local.demo.__main__ import fill
from infra.local.demo.stage import find
from tests.local.launched import Place
from tests.stage import ROOT, ZONE, Answer, Stage, until

CALLS, SEED = 40, 5  # whatever day it is, somebody is owed a call, and somebody answers by voice
JSON = {"Content-Type": "application/json"}


def environment(data: Path, port: int) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PORT": str(port), "DATA": str(data)}


def of(stage: Stage) -> dict[str, str]:
    return environment(stage.data, stage.port)


def begun(env: Mapping[str, str], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "infra.local.demo", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=dict(env), stdout=pipe, stderr=pipe, text=True)


def ran(env: Mapping[str, str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, output, errors."""
    process = begun(env, *arguments)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def demo(stage: Stage, method: str = "GET", body: bytes = b"") -> Answer:
    return stage.ask(method, "/_local/demo", body if method == "POST" else None, JSON)


def through(stage: Stage) -> bool:
    """Whether it comes to its end."""
    return until(lambda: not demo(stage).json()["running"], 120)


def total(stage: Stage) -> Any:
    [group] = stage.api("/api/rates")["groups"]
    return group["funnel"]


def in_real_time(stage: Stage) -> bool:
    return abs(stage.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Stage]]:
    """Two stages that were told the same story."""
    stages = [Stage(Path(tmp_path_factory.mktemp("filled")) / "data") for _ in range(2)]
    now = datetime.now(UTC)
    try:
        for stage in stages:
            stage.start()
        with ThreadPoolExecutor() as pool:
            list(
                pool.map(
                    lambda stage: fill(find(of(stage)), CALLS, SEED, now, lambda done, doing: None), stages
                )
            )
        yield stages
    finally:
        for stage in stages:
            stage.clear()


@pytest.fixture
def stage(filled: list[Stage]) -> Stage:
    return filled[0]


def test_two_stages_told_the_same_story_agree_in_every_figure(filled: list[Stage]) -> None:
    """But for the last days: whether an open survey has expired meanwhile depends on the minute."""
    today = datetime.now(ZONE).date()
    period = f"from={today - timedelta(days=22)}&to={today - timedelta(days=4)}"
    for by in ("day", "week", "team", "queue", "language", "channel", "wave"):
        one, other = (told.api(f"/api/rates?by={by}&{period}")["groups"] for told in filled)
        assert one == other
        assert sum(group["funnel"]["complete"] for group in one) > 3


def test_every_call_is_counted_and_its_survey_came_to_an_end_of_many_kinds(stage: Stage) -> None:
    funnel = total(stage)
    assert funnel["calls"] == CALLS
    assert funnel["invited"] > CALLS / 2
    assert funnel["not_invited"]
    assert all(funnel[end] for end in ("complete", "non_contact"))
    by_channel = {
        group["by"]["channel"]: group["funnel"] for group in stage.api("/api/rates?by=channel")["groups"]
    }
    assert by_channel["sms"]["started"]
    assert by_channel["voice"]["started"]


def test_somebody_is_to_be_called_back_and_a_lead_has_taken_one(stage: Stage) -> None:
    owed = stage.api("/api/callbacks")["callbacks"]
    assert {row["state"] for row in owed} >= {"claimed"}
    assert {row["owner"] for row in owed} & {"Anna", "Yusuf"}


def test_the_clock_is_right_again_and_nothing_went_wrong_unseen(filled: list[Stage]) -> None:
    for stage in filled:
        assert in_real_time(stage)
        assert stage.log()["errors"] == []
        assert "Traceback" not in stage.said()


def test_pages_say_that_the_figures_are_made_up(stage: Stage) -> None:
    cookie = stage.ask("GET", "/start").headers["set-cookie"].partition(";")[0]
    assert b"Made-up data" in stage.ask("GET", "/", None, {"Cookie": cookie}).body


def test_a_second_demonstration_brings_new_callers_and_says_where_to_look(stage: Stage) -> None:
    before = total(stage)
    code, output, errors = ran(of(stage), "--calls", "12", "--seed", "1")
    assert code == 0, errors
    assert f"Results: {stage.url}/" in output
    assert "12/12 calls" in errors
    after = total(stage)
    assert after["calls"] == before["calls"] + 12
    assert after["invited"] >= before["invited"] + 8


def test_the_button_begins_one_and_only_one(stage: Stage) -> None:
    before = total(stage)["calls"]
    assert demo(stage, "POST", b'{"calls": 8}').status == 202
    assert demo(stage).json()["running"]
    again = demo(stage, "POST", b'{"calls": 8}')
    assert (again.status, again.kind) == (409, "application/problem+json")
    assert until(lambda: progress.running(stage.data), 10)
    code, _, errors = ran(of(stage))
    assert code == 2
    assert "ringing already" in errors
    assert through(stage)
    assert demo(stage).json() == {"running": False, "calls": 8, "done": 8, "doing": "", "problem": None}
    assert total(stage)["calls"] == before + 8


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"calls": "many"}', b'{"calls": 0}', b'{"calls": 2001}', b'{"calls": true}']
)
def test_a_number_of_calls_that_is_none_is_refused(stage: Stage, body: bytes) -> None:
    assert demo(stage, "POST", body).status == 422


def test_one_that_is_stopped_puts_the_clock_right(stage: Stage) -> None:
    process = begun(of(stage), "--calls", "200")
    assert until(lambda: not in_real_time(stage), 20)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "The clock is right again" in errors
    assert in_real_time(stage)
    assert (demo(stage).json()["running"], demo(stage).json()["problem"]) == (False, "stopped")


# --- where there is nothing to fill -----------------------------------------------------------------------


def test_without_a_stage_it_says_what_to_do(tmp_path: Path) -> None:
    place = Place(tmp_path)
    code, _, errors = ran(environment(place.data, place.port))
    assert code == 2
    assert "start `make run` first" in errors
    assert not place.data.exists()


def test_another_stage_than_the_one_meant_is_left_alone(stage: Stage, tmp_path: Path) -> None:
    code, _, errors = ran(environment(tmp_path, stage.port))
    assert code == 2
    assert "not of one stage" in errors


def test_a_real_carrier_is_never_given_invented_callers(tmp_path: Path) -> None:
    place = Place(tmp_path)
    try:
        place.launch(TWILIO_API_URL="http://127.0.0.1:9").ready()
        code, _, errors = ran(environment(place.data, place.port))
        assert code == 2
        assert "A real carrier is configured" in errors
    finally:
        place.clear()


def test_help_and_a_wrong_number_of_calls(tmp_path: Path) -> None:
    env = environment(tmp_path, 1)
    code, output, _ = ran(env, "--help")
    assert (code, "--seed" in output) == (0, True)
    assert ran(env, "--calls", "0")[0] == 2
