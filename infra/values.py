"""What a stage keeps in Parameter Store under `/aftercall/<stage>/`: secrets, the carrier's account, what deploy notes.

The service reads them by one request when a container starts; a new version of one reaches it with the next deploy,
which replaces the containers (the template's parameter `Values`).
"""

import getpass
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.aws import Cloud
from infra.command import OpsError
from infra.local.settings import MADE_UP

MADE = ("API_TOKEN", "CALLS_WEBHOOK_SECRET", "PHONE_KEY")  # made up at the first deployment, shown once
GIVEN = {
    "TWILIO_ACCOUNT_SID": "the account's SID (AC…)",
    "TWILIO_AUTH_TOKEN": "the account's auth token",
    "TWILIO_FROM": "the number texts come from (+46…), or the messaging service's SID (MG…)",
    "TWILIO_VOICE_FROM": "the number that rings and is rung (+46…)",
}
OPTIONAL = ("ZOOM_WEBHOOK_SECRET",)  # taken where it is given, never asked for
SECRET = {*MADE, *OPTIONAL, "TWILIO_AUTH_TOKEN"}
PUBLIC_URL, DEPLOYED, ESCROW = "PUBLIC_URL", "DEPLOYED", "PHONE_KEY_ESCROW"  # noted by deploy and escrow


def read(cloud: Cloud) -> dict[str, str]:
    """Every value by its name, secrets in clear."""
    return {name: found["Value"] for name, found in stored(cloud).items()}


def stored(cloud: Cloud) -> dict[str, Mapping[str, Any]]:
    """Every value as Parameter Store has it: `Value`, `Version`, `LastModifiedDate`."""
    pages = cloud.client("ssm").get_paginator("get_parameters_by_path")
    found = [
        each for page in pages.paginate(Path=cloud.path(), WithDecryption=True) for each in page["Parameters"]
    ]
    return {each["Name"].removeprefix(cloud.path()): each for each in found}


def write(cloud: Cloud, name: str, value: str) -> None:
    """Make or change one value; nothing when it is that already."""
    client, before = cloud.client("ssm"), stored(cloud).get(name)
    kind: dict[str, str] = {"Type": "SecureString" if name in SECRET else "String"}
    if name in SECRET and (key := cloud.outputs(cloud.records)["Key"]) != "none":
        kind["KeyId"] = key
    if before is None:
        client.put_parameter(Name=cloud.path(name), Value=value, Tags=cloud.tags, **kind)
    elif before["Value"] != value:
        client.put_parameter(Name=cloud.path(name), Value=value, Overwrite=True, **kind)


def complete(cloud: Cloud, file: Path | None, env: Mapping[str, str]) -> None:
    """Afterwards every value is there. Raises OpsError for one that is not to be had.

    What is given comes from the file, else the environment and `env`, else whoever sits at the terminal.
    """
    there, given = read(cloud), {**os.environ, **env, **from_file(file)}
    else_say = "set it in the environment, or name a file with --values FILE"
    missing = {name: what for name, what in GIVEN.items() if name not in there}
    wanted = {name: given.get(name) or asked(name, what, else_say) for name, what in missing.items()}
    wanted |= {name: given[name] for name in OPTIONAL if name not in there and given.get(name)}
    wanted |= {name: given.get(name) or MADE_UP[name]() for name in MADE if name not in there}
    for name, value in wanted.items():
        write(cloud, name, value)


def from_file(path: Path | None) -> dict[str, str]:
    """`NAME=value` a line."""
    if path is None:
        return {}
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}


def asked(name: str, what: str, else_say: str = "run this at a terminal and type it") -> str:
    """What whoever sits at the terminal types; OpsError when nobody does."""
    if not sys.stdin.isatty():
        raise OpsError(f"{name} is needed, {what}: {else_say}")
    ask = getpass.getpass if name in SECRET else input
    if value := ask(f"{name}, {what}: ").strip():
        return value
    raise OpsError(f"{name} is needed")


def versions(cloud: Cloud) -> str:
    """`API_TOKEN:1 PHONE_KEY:1 …`: changes when a value does that the service reads."""
    found = stored(cloud)
    return " ".join(
        f"{name}:{found[name]['Version']}" for name in sorted({*MADE, *GIVEN, *OPTIONAL}) if name in found
    )


def remove(cloud: Cloud, *names: str) -> None:
    """The values of these names; all when none is given."""
    client = cloud.client("ssm")
    for name in stored(cloud):
        if not names or name in names:
            client.delete_parameter(Name=cloud.path(name))
