"""`make check-template`: checkov on the templates, with the findings that are meant excused one by one.

It lives in `.venv-checkov`, made from `requirements-checkov.txt` when it is not there, and is run without the network.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.command import DONE, FAILED, run, say, say_no
from infra.package import BUILD, ROOT, Package

EXCUSES = Path(__file__).with_name("checkov.toml")
HOME = ROOT / ".venv-checkov"
Finding = tuple[str, str]  # ("CKV_AWS_116", "Function.Send")


def installed() -> Path:
    """The checkov command, installed first where it is not."""
    command = HOME / "bin" / "checkov"
    if not command.exists():
        say("Installing checkov into .venv-checkov (needs the network, this once) …")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(HOME)], check=True)
        pip = [sys.executable, "-m", "pip", "--python", str(HOME / "bin" / "python"), "install", "--quiet"]
        subprocess.run([*pip, "--no-compile", "-r", str(ROOT / "requirements-checkov.txt")], check=True)
    return command


def findings(package: Package) -> dict[Finding, str]:
    """Every failed check on a resource, and what checkov says about it."""
    command = [str(installed()), "--framework", "cloudformation", "--output", "json", "--compact", "--quiet"]
    command += ["--skip-download", "--file", str(package.service), str(package.records)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    report: Any = json.loads(ran.stdout)
    failed = report["results"]["failed_checks"]
    return {(found["check_id"], short(found["resource"])): found["check_name"] for found in failed}


def short(resource: str) -> str:
    """`Function.Send` of `AWS::Serverless::Function.Send`."""
    return resource.rpartition("::")[2]


def excuses() -> Iterator[Finding]:
    for excuse in tomllib.loads(EXCUSES.read_text(encoding="utf-8"))["excused"]:
        yield from ((excuse["check"], resource) for resource in excuse["resources"])


def check() -> int:
    found, excused = findings(Package(BUILD / "package")), set(excuses())
    for check_id, resource in sorted(found.keys() - excused):
        say(f"{resource}: {check_id} {found[check_id, resource]}")
    for check_id, resource in sorted(excused - found.keys()):
        say(f"{resource}: {check_id} is excused and not found: take it out of {EXCUSES.name}")
    if found.keys() ^ excused:
        return say_no("checkov has something to say.", FAILED)
    say(f"checkov: {len(found)} findings, each excused with its reason.")
    return DONE


if __name__ == "__main__":
    sys.exit(run(check))
