"""Make the two virtual environments: `python -m infra.install run`, `deploy` or `test`. Nothing when they are current.

Runs on a bare Python: only the standard library, and nothing of this project but this file. The service's packages go
to `.venv`, the embedded engine's to `.venv-engine`, at the same time. A stamp in each says what it was made from.
"""

import hashlib
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHON = Path("bin/python")
# Not compiled: most modules of most packages are never imported, and compiling all takes longer than fetching them.
PIP = (
    "--no-input",
    "--disable-pip-version-check",
    "--progress-bar",
    "off",
    "--prefer-binary",
    "--no-compile",
)


class InstallError(Exception):
    """Something could not be installed; the message is what the user reads."""


@dataclass(slots=True)
class Part:
    """One environment on its way to what one requirements file names, and how far it has come."""

    name: str
    folder: Path
    requirements: Path
    total: int = 1
    done: int = 0
    doing: str = "waiting"
    log: list[str] = field(default_factory=list)

    @property
    def stamp(self) -> Path:
        return self.folder / f"made-from-{self.requirements.stem}"

    def wanted(self) -> str:
        """A digest of the Python and of every line that decides what is in the environment."""
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        return hashlib.sha256("\n".join([python, *lines(self.requirements)]).encode()).hexdigest()

    def current(self) -> bool:
        usable = (self.folder / PYTHON).exists() and self.stamp.exists()
        return usable and self.stamp.read_text(encoding="utf-8") == self.wanted()


def parts(purpose: str) -> list[Part]:
    """The environments for `run` (service and engine), `deploy` (those and what checks templates) or `test` (all)."""
    kinds = {"run": ("local", "engine"), "deploy": ("deploy", "dev-engine"), "test": ("dev", "dev-engine")}
    kind = kinds[purpose]
    service, engine = (ROOT / f"requirements-{name}.txt" for name in kind)
    return [Part("packages", ROOT / ".venv", service), Part("engine", ROOT / ".venv-engine", engine)]


def lines(requirements: Path) -> list[str]:
    """Every requirement of the file and of the files it refers to, comments left out."""
    found = []
    for line in requirements.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("-r "):
            found += lines(requirements.parent / text.removeprefix("-r ").strip())
        elif text:
            found.append(text)
    return found


def make(part: Part, pip: Path) -> None:
    """Bring the environment to what its requirements say; raises InstallError with the end of pip's own words."""
    part.total = len(lines(part.requirements)) + 1
    part.doing = "reading the list"
    command = [str(pip), "-m", "pip", "--python", str(part.folder / PYTHON), "install", *PIP]
    follow(part, [*command, "-r", str(part.requirements)])
    part.stamp.write_text(part.wanted(), encoding="utf-8")
    part.done, part.doing = part.total, "ready"


def follow(part: Part, command: list[str]) -> None:
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    ) as pip:
        for line in pip.stdout or ():
            part.log.append(line.rstrip())
            notice(part, line)
    if pip.returncode:
        errors = [line for line in part.log if line.startswith("ERROR")] or part.log[-8:]
        said = "\n  ".join(line[:300] for line in errors)
        raise InstallError(f"{part.name}: pip could not install {part.requirements.name}:\n  {said}")


def notice(part: Part, line: str) -> None:
    """Read off pip's output how far it is."""
    if found := re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line):
        part.done, part.doing = min(part.done + 1, part.total - 1), found[1]
    elif line.startswith("Installing collected"):
        part.done, part.doing = part.total - 1, "unpacking"


def environment(folder: Path, *, with_pip: bool) -> None:
    """An empty environment of the Python that runs this, unless a usable one of the same version is there."""
    python = folder / PYTHON
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    ask = [str(python), "-c", f"import sys{', pip' * with_pip}; print('%d.%d' % sys.version_info[:2])"]
    if (
        python.exists()
        and subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip() == version
    ):
        return
    pip = [] if with_pip else ["--without-pip"]
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", *pip, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise InstallError(f"{folder.name} could not be made:\n  {(made.stdout + made.stderr).strip()}")


def build(outdated: list[Part]) -> None:
    pip = ROOT / ".venv" / PYTHON
    for part in outdated:
        part.doing = "making the environment"
    environment(ROOT / ".venv", with_pip=True)  # first, because its pip fills the other one too
    environment(ROOT / ".venv-engine", with_pip=False)
    with ThreadPoolExecutor(max_workers=len(outdated)) as pool:
        for result in [pool.submit(make, part, pip) for part in outdated]:
            result.result()


def show(outdated: list[Part], seconds: float) -> str:
    share = sum(part.done for part in outdated) / sum(part.total for part in outdated)
    bar = ("#" * round(share * 20)).ljust(20, ".")
    return f"  [{bar}] {seconds:3.0f} s  " + ", ".join(f"{part.name}: {part.doing}" for part in outdated)


def watch(outdated: list[Part], finished: Callable[[], bool]) -> None:
    """One line that is drawn anew on a terminal; elsewhere a line every five seconds."""
    started, live, said = time.monotonic(), sys.stdout.isatty(), -5.0
    while not finished():
        seconds = time.monotonic() - started
        if live:
            print("\r\x1b[K" + show(outdated, seconds)[:100], end="", flush=True)
        elif seconds - said >= 5:
            print(show(outdated, seconds), flush=True)
            said = seconds
        time.sleep(0.2)
    if live:
        print("\r\x1b[K", end="", flush=True)


def main(purpose: str) -> int:
    outdated = [part for part in parts(purpose) if not part.current()]
    if not outdated:
        return 0
    began = time.monotonic()
    print("Installing into .venv and .venv-engine (needs the network, this once):", flush=True)
    with ThreadPoolExecutor(max_workers=1) as pool:
        work = pool.submit(build, outdated)
        watch(outdated, work.done)
        try:
            work.result()
        except InstallError as error:
            print(
                f"{error}\nNothing else was changed. Put it right and run the same command again.",
                file=sys.stderr,
            )
            return 1
    print(f"  Installed in {time.monotonic() - began:.0f} s.", flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit("\nStopped. The same command goes on from here.")
