"""The carrier's own process: started by its environment, killed, started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import create_connection, socket

import pytest
from flask import Flask
from twilio.base.exceptions import TwilioRestException

from infra.local.carrier.__main__ import read_settings
from infra.local.carrier.carrier import open_carrier
from tests.local.carrier_stage import AMINA, NUMBER, TOM, Service, Stage, served, settings, twiml

ROOT = Path(__file__).parents[2]
VOICE = "/webhooks/twilio/voice"


def free_port() -> int:
    with closing(socket()) as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def environment(public_url: str, port: int, data: Path) -> dict[str, str]:
    known = settings(public_url)
    return {
        "CARRIER_PORT": str(port),
        "PUBLIC_URL": public_url,
        "TWILIO_ACCOUNT_SID": known.account_sid,
        "TWILIO_AUTH_TOKEN": known.auth_token,
        "TWILIO_FROM": known.sender,
        "TWILIO_VOICE_FROM": known.voice_number,
        "CALLS_WEBHOOK_SECRET": known.webhook_secret,
        "DATA": str(data),
    }


@contextmanager
def process(env: dict[str, str], ending: signal.Signals) -> Iterator[str]:
    """The carrier in a process of its own, ended by this signal."""
    running = subprocess.Popen([sys.executable, "-m", "infra.local.carrier"], cwd=ROOT, env=os.environ | env)
    port = int(env["CARRIER_PORT"])
    try:
        for _ in range(100):
            try:
                create_connection(("127.0.0.1", port), 0.2).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(ending)
        running.wait(20)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_accepted_outlives_the_process(tmp_path: Path, ending: signal.Signals) -> None:
    service, app = Service(), Flask("service")
    app.add_url_rule("/<path:path>", "all", service.answer, methods=["POST"])
    question = '<Gather numDigits="1" action="/next"><Say>Fick du bra service?</Say></Gather>'
    service.says(VOICE, twiml(question))
    with served(app) as public_url:
        env = environment(public_url, free_port(), tmp_path)
        here = open_carrier(settings(public_url), tmp_path / "here")
        with process(env, ending) as url:
            before = Stage(service, here, url)
            before.post(f"/numbers/{TOM}/texts", {"body": "STOP"})
            before.post(f"/numbers/{AMINA}/ring")
            time.sleep(0.5)  # calls are written within a moment; texts before they are answered
            sid = before.client().messages.create(to=AMINA, from_=NUMBER, body="hello").sid
        with process(env, signal.SIGTERM) as url:
            after = Stage(service, here, url)
            after.post("/settle")
            assert after.client().messages(sid).fetch().status == "delivered"
            with pytest.raises(TwilioRestException, match="unsubscribed"):
                after.client().messages.create(to=TOM, from_=NUMBER, body="hello")
            assert after.post(f"/numbers/{AMINA}/press", {"digits": "1"})["call"]["status"] == "completed"
        here.close()
    assert service.got("/next")[0].form["Digits"] == "1"


def test_it_listens_to_this_machine_only(tmp_path: Path) -> None:
    with process(environment("http://127.0.0.1:1", port := free_port(), tmp_path), signal.SIGTERM) as url:
        line = HTTPConnection(url.removeprefix("http://"), timeout=5)
        line.request("GET", "/phones")
        assert line.getresponse().status == 200
        line.close()
        listening = Path("/proc/net/tcp").read_text()
        assert f"0100007F:{port:04X}" in listening
        assert f"00000000:{port:04X}" not in listening


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(SystemExit, match="TWILIO_AUTH_TOKEN, TWILIO_FROM"):
        read_settings({"CARRIER_PORT": "1", "PUBLIC_URL": "x", "TWILIO_ACCOUNT_SID": "AC"})
