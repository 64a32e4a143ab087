"""The recorder behind its page: what is kept, what is refused, and that nothing is ever half done."""

import re
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import prompts, recordings
from infra.prompts import form
from infra.prompts.recording import shelf, wav
from infra.prompts.recording.app import LARGEST, create_app
from infra.prompts.recording.studio import Studio
from infra.prompts.recording.take import Take
from tests.fakes import FACTS
from tests.sounds import spoken

SO = prompts.load("so")
SENTENCES = recordings.sentences(SO, FACTS)
WELCOME = SENTENCES["welcome"]
VOICE = spoken(1.2, before=0.2, after=0.2)
TODAY = date(2026, 11, 22)
SOUND = Take(wav.mulaw(b"\xff" * 8000), 1.0)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "audio"


@pytest.fixture
def client(place: Path) -> FlaskClient:
    return client_of(place)


def client_of(place: Path) -> FlaskClient:
    studio = Studio(SO, FACTS, "", SENTENCES, form.table("so")["notes"], place)
    return create_app(studio).test_client()


def agree(client: FlaskClient, speaker: str = "Amina") -> None:
    assert client.put("/speaker", json={"speaker": speaker, "agrees": True}).status_code == 200


def hear(client: FlaskClient, name: str, file: bytes = VOICE) -> str:
    answer = client.post(f"/takes/{name}", data=file, content_type="audio/wav")
    assert answer.status_code == 200
    return str(answer.json["take"])


def fetched(client: FlaskClient, path: str) -> tuple[int, bytes]:
    with client.get(path) as answer:
        return answer.status_code, answer.data


def test_a_kept_take_is_there_at_once_and_is_what_was_played_back(client: FlaskClient, place: Path) -> None:
    agree(client, "Amina, interpreter")
    take = hear(client, "welcome")
    played = client.get(f"/takes/{take}.wav")
    assert (played.mimetype, played.status_code) == ("audio/wav", 200)
    lines = client.put("/recordings/welcome", json={"take": take}).json["lines"]
    assert (place / "welcome.wav").read_bytes() == played.data
    assert fetched(client, "/recordings/welcome.wav") == (200, played.data)
    kept = shelf.read(place)["welcome"]
    assert (kept.says, kept.speaker) == (WELCOME, "Amina, interpreter")
    assert {line["name"] for line in lines if line["state"] == "recorded"} == {"welcome"}
    assert sorted(file.name for file in place.iterdir()) == ["recordings.toml", "welcome.wav"]


def test_who_comes_back_goes_on_where_the_last_one_stopped(client: FlaskClient, place: Path) -> None:
    agree(client)
    client.put("/recordings/welcome", json={"take": hear(client, "welcome")})
    state = client_of(place).get("/state").json
    assert (state["speaker"], state["guess"]) == ("", "Amina")
    assert next(line for line in state["lines"] if line["name"] == "welcome")["state"] == "recorded"


def test_a_changed_sentence_is_to_be_read_again(place: Path) -> None:
    shelf.keep(place, "welcome", SOUND, WELCOME.replace(FACTS.authority, "Another"), "Amina", TODAY)
    shelf.keep(place, "thanks", SOUND, SENTENCES["thanks"], "Amina", TODAY)
    (place / "thanks.wav").unlink()
    shelf.keep(place, "end", SOUND, SENTENCES["end"], "Amina", TODAY)
    states = {line["name"]: line["state"] for line in client_of(place).get("/state").json["lines"]}
    assert (states["welcome"], states["end"], states["who"]) == ("stale", "recorded", "missing")
    assert states["thanks"] == "stale"  # its file is gone


def test_the_speaker_is_told_when_a_sentence_is_heard_and_what_it_does_not_mean(client: FlaskClient) -> None:
    lines = {line["name"]: line for line in client.get("/state").json["lines"]}
    assert all(line["heard_when"] for line in lines.values())
    assert lines["question_time"]["note"] == form.table("so")["notes"]["time"]
    assert "digit by digit" in lines["nothing_open"]["heard_when"]


@pytest.mark.parametrize(
    "asked",
    [
        {"speaker": "Amina", "agrees": False}, {"speaker": "Amina"}, {"speaker": "Amina", "agrees": "yes"},
        {"speaker": " ", "agrees": True}, {"speaker": "a" * 81, "agrees": True}, {"speaker": "\ud800", "agrees": True},
        {"speaker": ["Amina"], "agrees": True}, {}, [], "agrees",
    ],
)  # fmt: skip
def test_nobody_is_recorded_who_has_not_agreed(client: FlaskClient, asked: object) -> None:
    assert client.put("/speaker", json=asked).status_code == 422
    refused = client.post("/takes/welcome", data=VOICE, content_type="audio/wav")
    assert (refused.status_code, "who you are" in refused.json["problem"]) == (422, True)


@pytest.mark.parametrize("take", ["2", "0", "", None, 1, ["1"]])
def test_only_the_take_just_heard_is_kept(client: FlaskClient, place: Path, take: object) -> None:
    agree(client)
    hear(client, "welcome")
    assert client.put("/recordings/welcome", json={"take": take}).status_code == 422
    assert (
        client.put("/recordings/thanks", json={"take": "1"}).status_code == 422
    )  # that was of another sentence
    assert not place.exists()


@pytest.mark.parametrize(
    "name", ["nothing", "..%2Fwelcome", "../../etc/passwd", "recordings.toml", "welcome.wav", ""]
)
def test_there_are_no_other_names(client: FlaskClient, name: str) -> None:
    agree(client)
    assert client.post(f"/takes/{name}", data=VOICE, content_type="audio/wav").status_code in (404, 405)
    assert client.put(f"/recordings/{name}", json={"take": "1"}).status_code in (404, 405)
    assert client.get(f"/recordings/{name}.wav").status_code in (404, 405)
    assert client.get(f"/static/{name}").status_code == 404


def test_other_pages_of_the_same_browser_are_kept_out(client: FlaskClient) -> None:
    assert client.get("/state", headers={"Host": "elsewhere.example:8000"}).status_code == 403
    form_sent = client.put("/speaker", data='{"speaker":"x","agrees":true}', content_type="text/plain")
    assert form_sent.status_code == 415
    assert client.get("/state").json["speaker"] == ""


def test_the_page_is_framed_by_nobody_and_takes_nothing_from_elsewhere(client: FlaskClient) -> None:
    answer = client.get("/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    asked = re.findall(r'(?:src|href)="(/[\w./]+)"', answer.text)
    while asked:
        status, content = fetched(client, path := asked.pop())
        assert status == 200, path
        asked += re.findall(r'(?:from |addModule\()"(/static/\w+\.js)"', content.decode())


def test_a_disk_that_refuses_is_told_of(client: FlaskClient, place: Path) -> None:
    agree(client)
    place.write_text("no folder", encoding="utf-8")
    answer = client.put("/recordings/welcome", json={"take": hear(client, "welcome")})
    assert (answer.status_code, "could not be saved" in answer.json["problem"]) == (503, True)


def test_a_file_too_large_is_refused_unread(client: FlaskClient) -> None:
    agree(client)
    answer = client.post("/takes/welcome", data=b"\0" * (LARGEST + 1), content_type="audio/wav")
    assert answer.status_code == 413


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A good take, cut short or with a few bytes of its beginning changed."""
    file = bytearray(VOICE)
    for at in draw(st.lists(st.integers(0, 60), max_size=6)):
        file[at] = draw(st.integers(0, 255))
    return bytes(file[: draw(st.integers(0, len(file)))] if draw(st.booleans()) else file)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(file=st.binary(max_size=400) | spoilt())
def test_whatever_is_sent_is_heard_or_refused_and_nothing_is_written(tmp_path: Path, file: bytes) -> None:
    client = client_of(tmp_path / "audio")
    agree(client)
    answer = client.post("/takes/welcome", data=file, content_type="audio/wav")
    assert answer.status_code in (200, 422)
    assert ("take" in answer.json) == (answer.status_code == 200)
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_cannot_be_read_is_told_of(client: FlaskClient, place: Path) -> None:
    place.mkdir()
    (place / "recordings.toml").write_text("[welcome", encoding="utf-8")
    answer = client.get("/state")
    assert (answer.status_code, "recordings.toml cannot be read" in answer.json["problem"]) == (503, True)
