"""`make package`: the deployable zip and its template in build/package, the same bytes from the same sources.

Chalice packages; around it, this file
* leaves out what Lambda brings (boto3) and what only the chalice command needs: Chalice adds its two files by itself;
* puts compiled modules into the zip, because a cold start without them costs 3.5 times the CPU;
* writes the zip in one order with one date, so that a deployment without a change is none.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import requires
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build"
LAMBDA_PYTHONS = ("3.11", "3.12", "3.13", "3.14")
BROUGHT = {"boto3", "chalice"}
STAGE = "v1"  # part of every signed URL: one name for good
LIMIT = 25_000_000  # bytes
DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say


class PackageError(Exception):
    """The package cannot be made; the message says why."""


def build(to: Path) -> Path:
    """Make `deployment.zip` and `sam.json` in the folder; returns the zip. Raises PackageError."""
    check_python(f"{sys.version_info.major}.{sys.version_info.minor}")
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    with TemporaryDirectory() as folder:
        work = Path(folder)
        stage(work / "project")
        chalice(work / "project", work / "chalice")
        with zipfile.ZipFile(work / "chalice" / "deployment.zip") as made:
            made.extractall(work / "tree")
        compile_all(work / "tree")
        write_zip(work / "tree", to / "deployment.zip")
        shutil.copy(work / "chalice" / "sam.json", to)
    size = (to / "deployment.zip").stat().st_size
    if size > LIMIT:
        raise PackageError(f"the package is {size / 1e6:.1f} MB; it must stay under {LIMIT / 1e6:.0f} MB")
    return to / "deployment.zip"


def check_python(version: str) -> None:
    """The Python that packages is the one that Lambda will run; PackageError when Lambda has no such."""
    if version not in LAMBDA_PYTHONS:
        raise PackageError(f"Lambda does not run Python {version}; use one of {', '.join(LAMBDA_PYTHONS)}")


def stage(project: Path) -> None:
    """A copy of the sources that Chalice looks at, with the deployed part of the requirements."""
    project.mkdir()
    for folder in ("chalicelib", "vendor", ".chalice"):
        skip = shutil.ignore_patterns("__pycache__", "deployed", "deployments")
        shutil.copytree(ROOT / folder, project / folder, ignore=skip)  # links followed: vendor/prompts
    shutil.copy(ROOT / "app.py", project)
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (project / "requirements.txt").write_text("\n".join(deployed(pins)) + "\n", encoding="utf-8")


def deployed(pins: list[str]) -> list[str]:
    """The pinned requirements that belong in the zip: the direct ones but for what is brought, and what they need."""
    known = {name_of(pin): pin for pin in pins if pin and not pin.startswith("#")}
    direct = pins[: pins.index("# needed by the above")]
    wanted = {name_of(pin) for pin in direct if pin and not pin.startswith("#")} - BROUGHT
    found: set[str] = set()
    while wanted:
        name = wanted.pop()
        found.add(name)
        wanted |= needs(name) - found
    return sorted(known[name] for name in found)


def needs(name: str) -> set[str]:
    """What the installed package requires on this Python, its extras left out."""
    markers = {text: Requirement(text).marker for text in requires(name) or ()}
    return {
        name_of(text) for text, marker in markers.items() if marker is None or marker.evaluate({"extra": ""})
    }


def name_of(requirement: str) -> str:
    return canonicalize_name(Requirement(requirement).name)


def chalice(project: Path, to: Path) -> None:
    command = [
        str(Path(sys.prefix, "bin", "chalice")),
        "package",
        "--stage",
        STAGE,
        "--template-format",
        "json",
    ]
    command += ["--merge-template", str(ROOT / "infra" / "resources.json"), str(to)]
    region = {
        "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION") or "eu-north-1"
    }  # asked for, not used
    ran = subprocess.run(
        command, cwd=project, env={**os.environ, **region}, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise PackageError(f"chalice package failed:\n{ran.stdout}{ran.stderr}")


def compile_all(tree: Path) -> None:
    """Compiled modules that are right whatever date unzipping gives them, the same whoever compiles them."""
    options = ["-q", "--invalidation-mode", "unchecked-hash", "-s", str(tree), "-p", "/var/task"]
    command = [sys.executable, "-m", "compileall", *options, str(tree)]
    ran = subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise PackageError(f"a module cannot be compiled:\n{ran.stdout}{ran.stderr}")


def write_zip(tree: Path, to: Path) -> None:
    with zipfile.ZipFile(to, "w") as package:
        for path in sorted(path for path in tree.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(tree).as_posix(), DATE)
            entry.external_attr = (0o100755 if path.suffix == ".so" else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, path.read_bytes(), compresslevel=9)


def main() -> int:
    try:
        package = build(BUILD / "package")
    except PackageError as error:
        print(error, file=sys.stderr)
        return 2
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    print(f"{os.path.relpath(package)}  {package.stat().st_size / 1e6:.1f} MB  sha256 {digest[:16]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
