"""`make run` from the outside: what it says, what it leaves behind, what survives which end."""

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import processes
from tests.local.launched import ROOT, SMALL_SERVICE, Place, port_in, until


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.clear()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_says_where_to_start_and_ends_without_leaving_a_process_behind(
    place: Place, ending: signal.Signals
) -> None:
    run = place.launch().ready()
    said, pids = run.said(), place.pids()
    run.process.send_signal(ending)
    assert run.ended() == 0
    assert set(pids) == {"engine", "carrier", "service"}
    assert place.pids() == {}
    for address in (f"{run.url}/start", f"http://127.0.0.1:{place.carrier_port}/phones", f"{run.url}/\n"):
        assert address in said
    assert "Traceback" not in run.said()


def test_what_was_stored_and_queued_is_there_after_a_restart(place: Place) -> None:
    run = place.launch().ready()
    run.ask("POST", "/count", b"{}")
    assert run.counts(1)
    run.stop()
    assert place.launch().ready().count() == 1


def test_a_killed_service_ends_the_run_at_once_and_the_next_run_has_everything(place: Place) -> None:
    run = place.launch().ready()
    run.ask("POST", "/count", b"{}")
    assert run.counts(1)
    os.kill(place.pids()["service"], signal.SIGKILL)
    assert run.ended(within=5) == 1
    assert "The service ended with SIGKILL" in run.said()
    assert place.pids() == {}
    assert place.launch().ready().count() == 1


def test_a_killed_launcher_leaves_the_engine_which_the_next_run_takes_over(place: Place) -> None:
    run = place.launch().ready()
    run.ask("POST", "/count", b"{}")
    assert run.counts(1)
    before = place.pids()
    run.process.kill()
    run.process.wait()
    again = place.launch().ready()
    after = place.pids()
    assert (after["engine"], after["carrier"]) == (before["engine"], before["carrier"])
    assert after["service"] != before["service"]
    assert again.count() == 1
    assert again.stop() == 0
    assert place.pids() == {}


def test_a_killed_engine_has_lost_nothing_it_acknowledged(place: Place) -> None:
    run = place.launch().ready()
    for _ in range(3):
        run.ask("POST", "/count", b"{}")
    assert run.counts(3)
    os.kill(place.pids()["engine"], signal.SIGKILL)
    assert run.ended(within=15) == 1
    assert place.launch().ready().count() == 3


def test_a_carrier_with_other_secrets_is_replaced_not_taken_over(place: Place) -> None:
    run = place.launch().ready()
    before = place.pids()
    run.process.kill()
    run.process.wait()
    place.launch(TWILIO_AUTH_TOKEN="another").ready()
    assert place.pids()["carrier"] != before["carrier"]


def test_a_second_run_in_the_same_folder_says_who_has_it(place: Place) -> None:
    first = place.launch().ready()
    second = place.launch()
    assert second.ended() == 2
    assert f"pid {first.process.pid}" in second.said()
    assert "Traceback" not in second.said()
    assert first.ask("GET", "/health").status == 200


def test_a_run_waits_for_one_that_is_on_its_way_out(place: Place) -> None:
    first = place.launch().ready()
    first.process.send_signal(signal.SIGTERM)
    until(lambda: "Stopping" in first.said(), 5)
    assert place.launch().ready().ask("GET", "/health").status == 200


@pytest.mark.parametrize("which", ["PORT", "CARRIER_PORT"])
def test_a_taken_port_is_said_with_its_holder_and_another_to_try(place: Place, which: str) -> None:
    taken = place.port if which == "PORT" else place.carrier_port
    with socket.create_server(("127.0.0.1", taken)):
        run = place.launch()
        assert run.ended() == 2
    assert f"{taken} is used by python" in run.said()
    assert f"(pid {os.getpid()}); try {which}=" in run.said()
    assert port_in(run.said()) not in (None, str(taken))
    assert "Traceback" not in run.said()


@pytest.mark.parametrize(
    "name, value", [("PORT", "eight"), ("PORT", "0"), ("CARRIER_PORT", "65536"), ("PORT", "-1")]
)
def test_a_useless_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA": str(tmp_path / "data"), name: value}
    ran = subprocess.run(
        [sys.executable, "-m", "infra.local.run"],
        cwd=SMALL_SERVICE,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith(name)
    assert "Traceback" not in ran.stderr


def test_made_up_secrets_are_kept_for_their_owner_only_and_used_again(place: Place) -> None:
    place.launch().ready().stop()
    kept = place.data / "settings.json"
    before = kept.read_text(encoding="utf-8")
    place.launch().ready()
    assert kept.read_text(encoding="utf-8") == before
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_no_simulated_carrier_stands_in_for_a_real_account(place: Place) -> None:
    run = place.launch(TWILIO_ACCOUNT_SID="AC" + "0" * 32, TWILIO_AUTH_TOKEN="secret").ready()
    assert "carrier" not in place.pids()
    assert "Phones" not in run.said()


def test_a_service_that_cannot_start_is_explained_with_its_own_words(place: Place) -> None:
    run = place.launch(SMALL_SERVICE_BREAKS="no such table of words")
    assert run.ended() == 2
    assert "no such table of words" in run.said()
    assert place.pids() == {}


def test_clean_local_forgets_the_data_and_what_still_runs_in_it(place: Place) -> None:
    run = place.launch().ready()
    run.process.kill()
    run.process.wait()
    left = processes.left_over("engine", place.data)
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA": str(place.data)}
    subprocess.run([sys.executable, "-m", "infra.local.clean"], cwd=SMALL_SERVICE, env=env, check=True)
    assert left is not None
    assert not left.alive()
    assert not place.data.exists()


def test_a_proxy_of_the_environment_is_not_asked_for_our_own_addresses(place: Place) -> None:
    run = place.launch(HTTP_PROXY="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9").ready()
    run.ask("POST", "/count", b"{}")
    assert run.counts(1)
