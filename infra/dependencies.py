"""What the service needs besides itself, as a zip that is made once: compiled, for Lambda's machine, kept by its pins.

Packaging is then quick: the service's own files are added to a copy. The digest in the zip's name is of the pins, of
the Python, and of the files that make it, so a zip that is there is the right one.
"""

import hashlib
import subprocess
import sys
import zipfile
from importlib.metadata import requires
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra import zips

HERE = Path(__file__).parent
BROUGHT = {"boto3", "chalice"}  # by Lambda itself; by the chalice command, which adds its two files
NEVER_RUN = {"aiohttp", "aiohttp-retry"}  # by Twilio's asynchronous client alone, which nothing here makes
MACHINES = (
    "manylinux2014_x86_64",
    "manylinux_2_28_x86_64",
)  # Lambda's C library, for Python 3.11 and for later ones
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


class DependencyError(Exception):
    """A package cannot be had for Lambda's machine; the message is pip's."""


def zipped(requirements: Path, folder: Path) -> Path:
    """The dependencies' zip in the folder, made now unless it is there. Raises DependencyError."""
    pins = deployed(requirements.read_text(encoding="utf-8").splitlines())
    made = folder / f"dependencies-{digest(pins)}.zip"
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder) as work:
            unpack(fetch(pins, Path(work, "wheels")), Path(work, "tree"))
            zips.compile_all(Path(work, "tree"))
            zips.add(Path(work, "tree"), Path(work, "zip"))
            Path(work, "zip").replace(made)  # whole or not at all, whoever else makes one
    return made


def digest(pins: list[str]) -> str:
    made_by = [(HERE / name).read_text(encoding="utf-8") for name in ("dependencies.py", "zips.py")]
    return hashlib.sha256("\n".join([PYTHON, *pins, *made_by]).encode()).hexdigest()[:16]


def deployed(pins: list[str]) -> list[str]:
    """The pinned requirements that belong in the zip: the direct ones, what is brought left out, and what they need."""
    known = {name_of(pin): pin for pin in pins if pin and not pin.startswith("#")}
    direct = pins[: pins.index("# needed by the above")]
    wanted = {name_of(pin) for pin in direct if pin and not pin.startswith("#")} - BROUGHT
    found: set[str] = set()
    while wanted:
        name = wanted.pop()
        found.add(name)
        wanted |= needs(name) - NEVER_RUN - found
    return sorted(known[name] for name in found)


def needs(name: str) -> set[str]:
    """What the installed package requires on this Python, its extras left out."""
    markers = {text: Requirement(text).marker for text in requires(name) or ()}
    return {
        name_of(text) for text, marker in markers.items() if marker is None or marker.evaluate({"extra": ""})
    }


def name_of(requirement: str) -> str:
    return canonicalize_name(Requirement(requirement).name)


def fetch(pins: list[str], to: Path) -> list[Path]:
    """The wheels for Lambda's machine, whatever this one is."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    command += ["--no-deps", "--only-binary=:all:", "--implementation", "cp", "--python-version", PYTHON]
    command += [part for machine in MACHINES for part in ("--platform", machine)]
    ran = subprocess.run([*command, "-d", str(to), *pins], capture_output=True, text=True, check=False)
    if ran.returncode:
        raise DependencyError(f"pip could not fetch what the package needs:\n{ran.stdout}{ran.stderr}")
    return sorted(to.glob("*.whl"))


def unpack(wheels: list[Path], tree: Path) -> None:
    """The wheels' modules side by side; commands (in `*.data`) are of no use to a function."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as packed:
            names = [name for name in packed.namelist() if ".data/" not in name]
            packed.extractall(tree, names)
