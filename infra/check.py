"""`make test`: everything that must hold before a change goes in, in the order that fails fastest."""

import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOOLS = Path(sys.prefix) / "bin"
REPORT = ROOT / "build" / "tests.xml"
READ_FIRST = "chalicelib/advance/__init__.py"
STEPS = (
    ("format", ["ruff", "format", "--check", "--quiet", "."]),
    ("lint", ["ruff", "check", "--quiet", "."]),
    ("types", ["mypy", "--no-error-summary"]),
    ("imports", ["lint-imports", "--no-cache"]),
    ("tests and package", ["pytest", "-q", "-n", "2", "--dist", "loadfile", "--junit-xml", str(REPORT)]),
)


def step(name: str, command: list[str]) -> bool:
    """Run one step and say how it went; its own words are shown when it fails, and as it goes for the tests."""
    print(f"— {name}", flush=True)
    began = time.monotonic()
    quiet = command[0] != "pytest"
    ran = subprocess.run(
        [str(TOOLS / command[0]), *command[1:]],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=quiet,
        check=False,
    )
    if quiet and ran.returncode:
        sys.stdout.buffer.write(ran.stdout + ran.stderr)
    verdict = "failed" if ran.returncode else "ok"
    print(f"  {verdict} ({time.monotonic() - began:.0f} s)", flush=True)
    return ran.returncode == 0


def main() -> int:
    began = time.monotonic()
    REPORT.parent.mkdir(exist_ok=True)
    for name, command in STEPS:
        if not step(name, command):
            if name == "format":
                print("  `make format` puts that right")
            return 1
    tests = sum(int(suite.get("tests", 0)) for suite in ET.parse(REPORT).getroot().iter("testsuite"))
    print(f"\n{tests} tests and all checks passed in {time.monotonic() - began:.0f} s.")
    print(f"New here? Read {READ_FIRST} first: every rule of a survey is in it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
