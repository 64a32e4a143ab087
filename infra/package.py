"""`make package`: the deployable zip and its templates in build/package, the same bytes from the same sources.

Chalice packages; around it, this file
* adds the dependencies as a zip that is made once (`infra/dependencies.py`) and leaves out what Lambda brings;
* puts compiled modules into the zip, because a cold start without them costs 3.5 times the CPU;
* completes the template (`infra/template.py`): the very same file for every stage, what differs are its parameters.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from infra import dependencies, template, zips

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build"
LAMBDA_PYTHONS = ("3.11", "3.12", "3.13", "3.14")
STAGE = "v1"  # part of every signed URL: one name for good
LIMIT = 25_000_000  # bytes
BINARY = ["*/*"]  # with anything narrower the gateway sends recordings as base64 to whoever accepts "*/*"
ERRORS = (dependencies.DependencyError, zips.ZipError)


class PackageError(Exception):
    """The package cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Package:
    """What is deployed: one zip for all functions, the service's template, and that of the records it keeps."""

    folder: Path

    @property
    def zip(self) -> Path:
        return self.folder / "deployment.zip"

    @property
    def service(self) -> Path:
        return self.folder / "service.json"

    @property
    def records(self) -> Path:
        return self.folder / "records.json"

    @property
    def digest(self) -> str:
        """Of the zip."""
        return hashlib.sha256(self.zip.read_bytes()).hexdigest()


def build(to: Path, keep: Path = BUILD) -> Package:
    """Make the zip and both templates in the folder; dependencies are taken from `keep`. Raises PackageError."""
    check_python(dependencies.PYTHON)
    package = Package(to)
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    try:
        shutil.copy(dependencies.zipped(ROOT / "requirements.txt", keep), package.zip)
        with TemporaryDirectory() as folder:
            stage(Path(folder, "project"))
            made = chalice(Path(folder, "project"), Path(folder, "chalice"))
            add_sources(Path(folder, "chalice", "deployment.zip"), package.zip)
    except ERRORS as error:
        raise PackageError(str(error)) from error
    write(template.service(made), package.service)
    shutil.copy(template.RECORDS, package.records)
    if (size := package.zip.stat().st_size) > LIMIT:
        raise PackageError(f"the package is {size / 1e6:.1f} MB; it must stay under {LIMIT / 1e6:.0f} MB")
    return package


def check_python(version: str) -> None:
    """The Python that packages is the one that Lambda will run; PackageError when Lambda has no such."""
    if version not in LAMBDA_PYTHONS:
        raise PackageError(f"Lambda does not run Python {version}; use one of {', '.join(LAMBDA_PYTHONS)}")


def stage(project: Path) -> None:
    """A copy of the sources that Chalice looks at. Its own requirements are none: they have their zip."""
    project.mkdir()
    for folder in ("chalicelib", "vendor", ".chalice"):
        skip = shutil.ignore_patterns("__pycache__", "deployed", "deployments")
        shutil.copytree(ROOT / folder, project / folder, ignore=skip)  # links followed: vendor/prompts
    shutil.copy(ROOT / "app.py", project)
    (project / "requirements.txt").touch()


def chalice(project: Path, to: Path, form: str = "cloudformation") -> template.Json:
    """The template Chalice makes, beside its zip; raises PackageError."""
    command = [str(Path(sys.prefix, "bin", "chalice")), "package", "--stage", STAGE, "--pkg-format", form]
    command += ["--template-format", "json", str(to)]
    region = {
        "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION") or "eu-north-1"
    }  # asked for, not used
    ran = subprocess.run(
        command, cwd=project, env={**os.environ, **region}, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise PackageError(f"chalice package failed:\n{ran.stdout}{ran.stderr}")
    made: template.Json = json.loads((to / template.MADE[form]).read_text(encoding="utf-8"))
    decode_whatever_is_accepted(made, form)
    return made


def decode_whatever_is_accepted(made: template.Json, form: str) -> None:
    """Said here and not in app.py, where Chalice would refuse every request that says nothing of what it accepts."""
    if form == "terraform":
        made["resource"]["aws_api_gateway_rest_api"]["rest_api"]["binary_media_types"] = BINARY
    else:
        made["Resources"]["RestAPI"]["Properties"]["BinaryMediaTypes"] = BINARY


def add_sources(made: Path, to: Path) -> None:
    """Everything Chalice zipped, compiled, after the dependencies."""
    with TemporaryDirectory() as folder:
        with zipfile.ZipFile(made) as sources:
            sources.extractall(folder)
        zips.compile_all(Path(folder))
        zips.add(Path(folder), to)


def write(document: template.Json, to: Path) -> None:
    to.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    try:
        package = build(BUILD / "package")
    except PackageError as error:
        print(error, file=sys.stderr)
        return 2
    size = package.zip.stat().st_size / 1e6
    print(f"{os.path.relpath(package.zip)}  {size:.1f} MB  sha256 {package.digest[:16]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
