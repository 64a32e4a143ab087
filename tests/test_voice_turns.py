"""Voice on the running stage: words instead of keys, and recordings where there is no synthetic voice."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from chalicelib.wording import Facts
from tests.recorded import folder_of_its_own, record
from tests.stage import ROOT, Json, Stage

# What the local stage says of itself.
FACTS = Facts("Exempelverket", "0770-000 000", "8-16", "0770-000 000", date(2026, 11, 24))


@pytest.fixture(autouse=True)
def calm(stage: Stage) -> None:
    stage.daytime()
    stage.faults()


def rung_and_asked(stage: Stage, **call: str) -> tuple[str, Json, Json]:
    """A landline that picked up, and has said by a key that it was they who called."""
    caller = stage.landline()
    decision = stage.post_call(caller, **call)
    stage.tick()
    assert stage.rung(caller)
    stage.line(caller, "answer")
    _, line = stage.line(caller, "press", digits="1")
    return caller, decision, line


def answers(stage: Stage, call: Json) -> str:
    return "".join((answer or "-")[0] for answer in stage.survey(call)["answers"].values())


def test_a_caller_answers_by_words_and_a_key(stage: Stage) -> None:
    caller, call, line = rung_and_asked(stage)
    assert line["awaiting"]["speech"] == "sv-SE"
    stage.line(caller, "say", words="Ja.")
    stage.line(caller, "press", digits="2")
    goodbye, line = stage.line(caller, "say", words="Ja tack.")
    assert goodbye
    assert line["status"] == "completed"
    assert answers(stage, call) == "yny"
    survey = stage.survey(call)
    assert (survey["disposition"], survey["channel"], survey["remarks"]) == ("complete", "voice", 0)


def test_what_was_not_understood_is_asked_again_without_a_word_about_keys_and_kept_nowhere(
    stage: Stage,
) -> None:
    caller, call, _ = rung_and_asked(stage)
    said = "Min systers granne heter Petronella."
    for _ in range(2):
        again, _ = stage.line(caller, "say", words=said)
        assert "säga ja eller nej" in again
        assert "knappen använder vi inte" not in again
    on, _ = stage.line(caller, "say", words=said)
    assert "Då går vi vidare" in on
    stage.phone(caller, "hangup")
    stage.tick()
    assert answers(stage, call) == "---"
    assert "Petronella" not in repr(stage.stored())
    assert "Petronella" not in stage.said()


def test_a_spoken_stop_is_for_good(stage: Stage) -> None:
    caller, call, _ = rung_and_asked(stage)
    goodbye, line = stage.line(caller, "say", words="Sluta ringa mig!")
    assert "inga fler frågor" in goodbye
    assert line["status"] == "completed"
    assert stage.survey(call)["disposition"] == "opted_out"
    assert stage.post_call(caller)["reason"] == "opted_out"


def test_who_is_there_is_said_by_a_key(stage: Stage) -> None:
    caller = stage.landline()
    stage.post_call(caller)
    stage.tick()
    assert stage.rung(caller)
    who, line = stage.line(caller, "answer")
    assert line["awaiting"]["speech"] == ""
    assert "tryck 1" in who
    again, _ = stage.line(caller, "silence")
    assert "säga" not in again
    stage.phone(caller, "hangup")


def test_without_recordings_a_caller_hears_the_language_of_the_house(stage: Stage) -> None:
    stage.change(languages=["sv", "en", "so"])
    caller = stage.mobile()
    call = stage.post_call(caller, language="so")
    stage.tick()
    first, line = stage.line(caller, "ring")
    assert "Fick du bra service" in first
    assert {each["language"] for each in line["lines"]} == {"sv-SE"}
    stage.line(caller, "press", digits="2")  # words are taken once the line is open and the agent is gone
    stage.line(caller, "say", words="Nej.")
    assert answers(stage, call) == "nn-"
    stage.phone(caller, "hangup")


def test_a_recording_nobody_made_is_not_found(stage: Stage) -> None:
    for path in ("/audio/so/welcome-00000000.wav", "/audio/xx/a.wav", "/audio/so/..%2Fprompts.toml"):
        answer = stage.ask("GET", path)
        assert (answer.status, answer.kind) == (404, "application/problem+json"), path


# --- with recordings --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage whose Somali is recorded: a root of its own, of links to everything but the prompts."""
    root = Path(tmp_path_factory.mktemp("root"))
    for path in ROOT.iterdir():
        if path.name not in ("prompts", ".git", ".local"):
            (root / path.name).symlink_to(path)
    with folder_of_its_own(root / "prompts") as folder:
        record(folder, "so", FACTS)
    running = Stage(root / "data", root=root)
    try:
        started = running.start()
        started.change(languages=["sv", "en", "so"], offered_languages={"visas": ["so", "en"]})
        yield started
    finally:
        running.clear()


def heard(line: Json) -> list[tuple[str, str]]:
    """Kind and, of a recording, the sentence's name."""
    return [(each["kind"], each["text"].rpartition("/")[2].rpartition("-")[0]) for each in line["lines"]]


def test_a_survey_is_heard_in_recordings_and_answered_by_keys(recorded: Stage) -> None:
    caller = recorded.landline()
    call = recorded.post_call(caller, language="so")
    recorded.tick()
    assert recorded.rung(caller)
    _, line = recorded.line(caller, "answer")
    assert heard(line) == [("play", "who")]
    assert line["awaiting"]["speech"] == ""  # nobody writes Somali down
    for key in "1122":
        _, line = recorded.line(caller, "press", digits=key)
    played = [name for kind, name in heard(line) if kind == "play"]
    assert played == ["who", "assurance", "question_service", "question_time", "question_resolved", "consent"]
    _, line = recorded.line(caller, "press", digits="1")
    assert heard(line)[-1][1].startswith("promise-")
    assert {each["kind"] for each in line["lines"]} == {"play", "keys"}
    survey = recorded.survey(call)
    assert (survey["language"], survey["disposition"]) == ("so", "complete")
    assert recorded.carrier("/phones/api/errors")["errors"] == []


def test_a_recording_is_got_by_anybody_and_may_be_kept(recorded: Stage) -> None:
    _, line = recorded.line(caller := recorded.mobile(), "ring")  # nothing open: in the language of the house
    assert {each["kind"] for each in line["lines"]} == {"say"}
    recorded.post_call(caller, language="so")
    recorded.tick()
    _, line = recorded.line(caller, "ring")
    path = line["lines"][0]["text"].removeprefix(recorded.url)
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "audio/mpeg, audio/wav"}):
        answer = recorded.ask("GET", path, headers=headers)
        assert (answer.status, answer.kind) == (200, "audio/wav")
        assert answer.body[:4] == b"RIFF"
        assert "immutable" in answer.headers["cache-control"]
    assert recorded.ask("HEAD", path).status == 200
    assert recorded.ask("POST", path, b"").status == 405
    recorded.phone(caller, "hangup")


def test_an_offered_language_is_heard_in_its_own_recording_and_gone_on_in(recorded: Stage) -> None:
    caller = recorded.mobile()
    call = recorded.post_call(caller, language=None, queue="visas")
    recorded.tick()
    _, line = recorded.line(caller, "ring")
    assert [kind for kind, _ in heard(line)] == ["say", "play", "say", "say"]
    assert heard(line)[1][1] == "offer-5"
    _, line = recorded.line(caller, "press", digits="5")
    assert heard(line)[-1] == ("play", "question_service")
    recorded.phone(caller, "hangup")
    assert recorded.survey(call)["language"] == "so"
