"""The deployed stage on this machine: an engine of its own that enforces the roles, and a simulated carrier.

Apart from `make run`: its folder is `.local/deployed` (or `$DATA`). Both processes outlive the command that started
them; `python -m infra.destroy local` ends them.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from infra.command import OpsError
from infra.local import engine, lock, ports, processes
from infra.local.settings import AWS, LocalSettings, direct

STOPS_WITHIN = {"carrier": 5.0, "engine": engine.STOP_WITHIN}
UP_WITHIN = 30.0  # seconds


def folder() -> Path:
    return Path(os.environ.get("DATA") or ".local/deployed").absolute()


def endpoint() -> str | None:
    """The running engine's address; None when it is not up."""
    running = processes.left_over("engine", folder())
    return engine.url(running) if running and engine.healthy(running) else None


def engine_up() -> str:
    """The engine's address, started or found running. Its roles are enforced: a policy too narrow fails here first."""
    data = folder()
    os.environ.update(direct(os.environ))
    strict = {
        "AUTH": "true",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(data / "s3"),
        "AWS_ACCESS_KEY_ID": AWS["AWS_ACCESS_KEY_ID"],
        "AWS_SECRET_ACCESS_KEY": AWS["AWS_SECRET_ACCESS_KEY"],
    }
    try:
        with lock.held(data):
            return engine.url(engine.bring_up(data, options=strict))
    except (engine.EngineError, lock.AlreadyRunning) as error:
        raise OpsError(str(error)) from error


def values() -> dict[str, str]:
    """What a real stage is given or makes up: the made-up account of the simulated carrier, kept in the folder.

    A developer's own account with Twilio stays out of it: nobody is texted from here.
    """
    others = {name: value for name, value in os.environ.items() if not name.startswith("TWILIO_")}
    settings = LocalSettings.read({**others, "DATA": str(folder()), "CARRIER_PORT": str(carrier_port())})
    return dict(settings.env)


def carrier_port() -> int:
    """The same at every start, so that a deployment without a change is none."""
    noted = processes.noted("carrier", folder())
    if noted and (noted.alive() or ports.free(noted.port)):
        return noted.port
    return ports.any_free()


def carrier_up(env: Mapping[str, str], public_url: str) -> str:
    """The simulated carrier's address, started anew when it serves another address than this one."""
    data, port = folder(), int(env["CARRIER_PORT"])
    known = sha256(f"{public_url} {env['TWILIO_AUTH_TOKEN']}".encode()).hexdigest()
    running = processes.left_over("carrier", data)
    if running and (running.fingerprint != known or running.port != port):
        processes.stop(running, within=STOPS_WITHIN["carrier"])
        running = None
    if not running:
        command = [sys.executable, "-m", "infra.local.carrier"]
        own = {**env, "PUBLIC_URL": public_url, "DATA": str(data), "PYTHONPATH": str(engine.ROOT)}
        running = processes.start("carrier", command, own, data, port=port, fingerprint=known)
    deadline = time.monotonic() + UP_WITHIN
    while not ports.listening(port):
        if not running.alive() or time.monotonic() > deadline:
            raise OpsError(f"the simulated carrier did not start: see {data / 'logs' / 'carrier.errors'}")
        time.sleep(0.05)
    return f"http://127.0.0.1:{port}"


def widen(iam: Any, roles: Iterable[str]) -> None:
    """Let the roles read any value: the engine cannot tell which ones a GetParameters names, and asks for all."""
    anything = {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [anything]})
    for role in roles:
        iam.put_role_policy(RoleName=role, PolicyName="OnTheEngineOnly", PolicyDocument=policy)


def down(*, forget: bool) -> None:
    """End carrier and engine; with `forget`, their folder goes too."""
    data = folder()
    for name, within in STOPS_WITHIN.items():
        if running := processes.left_over(name, data):
            processes.stop(running, within=within)
    if forget:
        shutil.rmtree(data, ignore_errors=True)
