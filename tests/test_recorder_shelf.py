"""What the recorder leaves behind: whole entries whatever happens, a list of what is missing, and lint of it all."""

import random
import signal
import subprocess
import sys
import urllib.request
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import sleep

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import prompts, recordings
from infra.command import OpsError
from infra.prompts import audio, form
from infra.prompts.__main__ import main
from infra.prompts.recording import shelf, wav
from infra.prompts.recording.shelf import Kept
from infra.prompts.recording.take import Take
from tests.fakes import FACTS
from tests.recorded import folder_of_its_own
from tests.sounds import spoken

ROOT = Path(__file__).parent.parent
SO = prompts.load("so")
SENTENCES = recordings.sentences(SO, FACTS)
WELCOME = SENTENCES["welcome"]
TODAY = date(2026, 11, 22)
SOUND = Take(wav.mulaw(b"\xff" * 8000), 1.0)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "audio"


def test_the_service_plays_what_the_recorder_keeps(tmp_path: Path) -> None:
    with folder_of_its_own(tmp_path / "prompts") as folder:
        assert not recordings.speakable(SO, FACTS)
        for name, says in SENTENCES.items():
            shelf.keep(folder / "so/audio", name, SOUND, says, "Amina", TODAY)
        recordings.recorded.cache_clear()
        assert recordings.speakable(SO, FACTS)
        assert not recordings.speakable(SO, replace(FACTS, authority="Another"))
        assert recordings.recorded("so")[WELCOME].file.read_bytes() == SOUND.file


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(says=TEXT, speaker=TEXT, seconds=st.integers(3, 100))
def test_an_entry_reads_back_whatever_it_says(tmp_path: Path, says: str, speaker: str, seconds: int) -> None:
    shelf.keep(tmp_path, "promise-3", Take(SOUND.file, seconds / 10), says, speaker, TODAY)
    assert shelf.read(tmp_path)["promise-3"] == Kept(says, speaker, TODAY, seconds / 10)


KEEPER = """
import sys
from datetime import date
from pathlib import Path
from infra.prompts.recording import shelf, wav
from infra.prompts.recording.take import Take

place, today = Path(sys.argv[1]), date(2026, 11, 22)
while True:
    for letter in "ab":
        shelf.keep(place, "welcome", Take(wav.mulaw(letter.encode() * 8000), 1.0), letter, "Amina", today)
        print(letter, flush=True)
"""


def test_killed_at_any_moment_no_entry_says_what_its_file_does_not(place: Path) -> None:
    dice = random.Random()
    for _ in range(6):
        keeper = subprocess.Popen(
            [sys.executable, "-c", KEEPER, str(place)], stdout=subprocess.PIPE, cwd=ROOT
        )
        assert keeper.stdout
        keeper.stdout.readline()
        sleep(dice.choice((0, dice.uniform(0, 0.05))))
        assert keeper.poll() is None
        keeper.kill()
        keeper.wait()
        keeper.stdout.close()
        for name, kept in shelf.read(place).items():
            assert wav.read((place / f"{name}.wav").read_bytes()).body == kept.says.encode() * 8000
    shelf.keep(place, "welcome", SOUND, WELCOME, "Amina", TODAY)  # whatever was left behind
    assert lint(place) == set()


def test_a_recording_is_removed_entry_and_file(place: Path) -> None:
    shelf.keep(place, "welcome", SOUND, WELCOME, "Amina", TODAY)
    shelf.keep(place, "thanks", SOUND, "b", "Amina", TODAY)
    shelf.remove(place, "welcome")
    assert list(shelf.read(place)) == ["thanks"]
    assert not (place / "welcome.wav").exists()
    with pytest.raises(OpsError, match="no recording 'welcome'"):
        shelf.remove(place, "welcome")


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no stage runs."""
    monkeypatch.setenv("DATA", str(tmp_path))


@pytest.mark.usefixtures("alone")
def test_the_list_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "so", "--list"]) == 1
    said = capsys.readouterr().out
    assert all(f"  missing   {name}\n" in said for name in SENTENCES)
    assert "phone number is an example" in said
    assert said.endswith(f"Soomaali (so): 0 recorded, 0 stale, {len(SENTENCES)} missing.\n")


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "arguments, says",
    [
        (["--remove", "nothing"], "no recording 'nothing'"),
        (["--list", "--stage", "nowhere"], "no stage 'nowhere'"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert main(["record", "so", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_the_command_serves_the_page_until_it_is_interrupted(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "infra.prompts",
        "record",
        "so",
        "--no-browser",
        "--phone",
        "0771-11 22 33",
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={"DATA": str(tmp_path), "PATH": ""}
    ) as recorder:
        assert recorder.stdout
        address = recorder.stdout.readline().split()[-1]
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address + "state") as state:
            assert b"0771-11 22 33" in state.read()
        recorder.send_signal(signal.SIGINT)
        assert "goes on from here" in recorder.communicate(timeout=10)[0]
    assert recorder.returncode == 0


RAW = form.table("so")


def lint(place: Path) -> set[tuple[str, str]]:
    return {(found.level, found.where) for found in audio.findings(RAW, place)}


def test_lint_has_nothing_to_say_of_good_recordings(place: Path) -> None:
    for name, says in SENTENCES.items():
        shelf.keep(place, name, SOUND, says, "Amina", TODAY)
    assert lint(place) == set()
    assert lint(place / "nowhere") == set()


@pytest.mark.parametrize(
    "file, level",
    [
        (wav.mulaw(b"\xff" * 80001), "error"),  # too long
        (wav.mulaw(b"\xff" * 4000), "error"),  # another take than its entry says
        (spoken(1), "error"),  # not µ-law
        (b"", "error"),
        (SOUND.file[:-1], "error"),
    ],
)
def test_lint_finds_files_that_cannot_be_played(place: Path, file: bytes, level: str) -> None:
    shelf.keep(place, "welcome", SOUND, WELCOME, "Amina", TODAY)
    (place / "welcome.wav").write_bytes(file)
    assert lint(place) == {(level, "audio.welcome")}


def test_lint_finds_what_is_stale_missing_and_unknown(place: Path) -> None:
    shelf.keep(place, "welcome", SOUND, WELCOME + " Nabad!", "Amina", TODAY)
    shelf.keep(place, "thanks", SOUND, SENTENCES["thanks"], " ", TODAY)
    shelf.keep(place, "end", SOUND, SENTENCES["end"], "Amina", TODAY)
    (place / "end.wav").unlink()
    (place / "old.wav").write_bytes(SOUND.file)
    assert lint(place) == {
        ("warning", "audio.welcome"),
        ("error", "audio.thanks"),  # nobody is named who agreed
        ("error", "audio.end"),
        ("error", "audio.old.wav"),
    }


def test_lint_takes_any_names_and_numbers_for_said(place: Path) -> None:
    says = WELCOME.replace(FACTS.authority, "Migrationsverket")
    shelf.keep(place, "welcome", SOUND, says, "Amina", TODAY)
    assert lint(place) == set()


@pytest.mark.parametrize(
    "table",
    ["[welcome", "[welcome]\nsays = 'x'", "welcome = 1", "[a]\nsays='x'\nspeaker=''\nseconds=1\ndate='x'"],
)
def test_a_table_that_cannot_be_read_is_named(place: Path, table: str) -> None:
    place.mkdir()
    (place / "recordings.toml").write_text(table, encoding="utf-8")
    assert lint(place) == {("error", "audio.recordings.toml")}
    with pytest.raises(OpsError, match="cannot be read"):
        shelf.read(place)
