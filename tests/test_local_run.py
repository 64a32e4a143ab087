"""`kill -9` of the service at any moment, then `make run`: surveys go on, no text is sent twice, none is lost."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from random import Random, SystemRandom
from threading import Event, Thread
from typing import TypeVar

import pytest

from tests.stage import ROOT, Json, Stage, until

T = TypeVar("T")
ROUNDS, AT_ONCE = 4, 5
# How a stage shows that it is being killed or started.
AWAY = (OSError, HTTPException, AssertionError, ValueError)
QUESTIONS = {"bra service": 0, "rimlig tid": 1, "hjälp med det": 2}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Stage]:
    """A stage of this test's own."""
    stage = Stage(tmp_path / "data")
    try:
        yield stage.start()
    finally:
        stage.clear()


class People(Thread):
    """Everybody on their phones: whoever gets a question answers that question, however often it comes."""

    def __init__(self, stage: Stage, answers: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.stage, self.answers = stage, answers
        self.over, self.read = Event(), set[str]()
        self.quiet = 0  # looks at all phones, one after another, that found nothing new

    def run(self) -> None:
        while not self.over.is_set():
            new = [text for text in self.messages() if text["direction"] != "inbound" and text["arrived"]]
            new = [text for text in new if text["sid"] not in self.read]
            self.quiet = 0 if new else self.quiet + 1
            for text in new:
                self.read.add(text["sid"])
                self.react(text["to"], text["body"])
            time.sleep(0.05)

    def messages(self) -> list[Json]:
        found: list[Json] = patiently(lambda: self.stage.carrier("/phones/api/messages")["messages"])
        return found

    def react(self, number: str, body: str) -> None:
        """One text, and again only if it never left the phone."""
        asked = next((n for words, n in QUESTIONS.items() if words in body), None)
        if asked is None:
            return
        before = self.written(number)
        while self.written(number) == before:
            try:
                self.stage.reply(number, self.answers[number][asked])
            except AWAY:
                time.sleep(0.1)

    def written(self, number: str) -> int:
        return sum(text["from"] == number for text in self.messages())


def patiently(act: Callable[[], T]) -> T:
    """Again until there is somebody who answers: the stage is being killed and started."""
    while True:
        try:
            return act()
        except AWAY:
            time.sleep(0.1)


def reported(stage: Stage, report: Json) -> Json:
    """The decision, however often the centre has to ask."""

    def post() -> Json:
        answer = stage.post(report)
        assert answer.status in (200, 202)
        decision: Json = answer.json()
        return decision

    return patiently(post)


def killed(stage: Stage, launcher_first: bool) -> None:
    assert stage.launcher is not None
    if launcher_first:  # then engine and carrier live on, and the next run takes them over
        stage.launcher.kill()
        stage.launcher.wait()
    os.kill(stage.alive()["service"], signal.SIGKILL)
    stage.launcher.wait(30)


def test_a_service_killed_at_any_moment_loses_no_text_and_sends_none_twice(own: Stage) -> None:
    seed = SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    dice = Random(seed)
    own.morning()
    numbers = [own.mobile() for _ in range(ROUNDS * AT_ONCE)]
    answers = {number: "".join(dice.choice("12") for _ in range(2)) + "1" for number in numbers}
    reports = {number: own.call(number) for number in numbers}
    people = People(own, answers)
    people.start()
    for n in range(ROUNDS):
        mine = numbers[n * AT_ONCE : (n + 1) * AT_ONCE]
        centre = [Thread(target=reported, args=[own, reports[number]], daemon=True) for number in mine]
        for thread in centre:
            thread.start()
        time.sleep(dice.uniform(0, 2.5))
        killed(own, launcher_first=bool(n % 2))
        own.start()
        for thread in centre:
            thread.join(30)
    decisions = {number: reported(own, report) for number, report in reports.items()}
    assert all(decision["decision"] == "invited" for decision in decisions.values())
    for _ in range(4):
        own.ahead(seconds=31)  # what was under way is looked up; what never happened is done
    # A reminder that crosses an answer is answered too, and its answer would count for the next question.
    until(lambda: people.quiet > 5, 60)
    own.ahead(hours=4, minutes=5)  # whose answer died with the service is reminded
    until(lambda: all(complete(own, report) for report in reports.values()), 20)
    people.over.set()
    people.join(10)
    for number, report in reports.items():
        given = own.survey(report)["answers"].values()
        assert "".join({"yes": "1", "no": "2"}.get(answer, "-") for answer in given) == answers[number], (
            number
        )
    ordered = [text for text in own.log()["messages"] if text["direction"] == "outbound-api"]
    invitations = Counter(text["to"] for text in ordered if "påminnelse" not in text["body"])
    reminders = Counter(text["to"] for text in ordered if "påminnelse" in text["body"])
    assert invitations == dict.fromkeys(numbers, 1)
    assert set(reminders.values()) <= {1}


def test_a_killed_engine_loses_no_invitation(own: Stage) -> None:
    own.morning()
    caller = own.mobile()
    reported(own, own.call(caller))
    assert own.launcher is not None
    os.kill(own.alive()["engine"], signal.SIGKILL)
    own.launcher.wait(30)
    own.start()
    assert until(lambda: len(own.texts(caller)) == 1, 30)


def complete(stage: Stage, report: Json) -> bool:
    return bool(stage.survey(report)["disposition"] == "complete")


def test_ctrl_c_leaves_no_process_and_the_next_run_goes_on(own: Stage) -> None:
    own.morning()
    caller = own.mobile()
    report = own.call(caller)
    reported(own, report)
    own.tick()
    own.reply(caller, "1")
    assert set(own.alive()) == {"service", "carrier", "engine"}
    assert own.stop() == 0
    assert own.alive() == {}
    own.start()
    for answer in "21":
        assert own.reply(caller, answer)
    assert list(own.survey(report)["answers"].values()) == ["yes", "no", "yes"]
    assert own.stop(signal.SIGTERM) == 0
    assert own.alive() == {}


def test_a_second_run_says_where_the_first_one_is(own: Stage) -> None:
    env = {"PATH": os.environ["PATH"], "DATA": str(own.data)}
    command = [sys.executable, "-m", "infra.local.run"]
    again = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=30
    )
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr.endswith(f": http://127.0.0.1:{own.port}/start\n")
