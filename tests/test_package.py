"""The zip and the template that are deployed, made for real."""

import base64
import hashlib
import json
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import files
from pathlib import Path

import boto3
import pytest

from infra import package
from infra.package import Package
from tests.fakes import FACTS
from tests.in_process import ENV, SECRETS
from tests.recorded import record

ROOT = package.ROOT
SITE = Path(boto3.__file__).parent.parent
NEVER_RUN = ("aiohttp", "aiohttp_retry", "multidict", "yarl", "frozenlist", "propcache", "aiosignal")
BROUGHT_BY_LAMBDA = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Package, Package]:
    """Two packages of the same sources, made apart: one with what earlier ones left, one from nothing."""
    usual, anew = (Path(tmp_path_factory.mktemp("package")) for _ in range(2))
    with ThreadPoolExecutor(max_workers=2) as pool:
        first = pool.submit(package.build, usual / "out")
        second = pool.submit(package.build, anew / "out", keep=anew / "kept")
        return first.result(), second.result()


@pytest.fixture(scope="module")
def names(built: tuple[Package, Package]) -> set[str]:
    with zipfile.ZipFile(built[0].zip) as made:
        return set(made.namelist())


def sources(folder: str) -> set[str]:
    kept = (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in kept}


def test_two_packages_of_the_same_sources_are_the_same_bytes(built: tuple[Package, Package]) -> None:
    for file in ("zip", "service", "records"):
        first, second = (getattr(each, file).read_bytes() for each in built)
        assert first == second, file


def test_it_holds_the_whole_service_and_its_texts(names: set[str]) -> None:
    assert {"app.py", *sources("chalicelib"), *sources("prompts")} <= names


def test_it_holds_nothing_of_the_local_machine_the_tests_or_the_tools(names: set[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert not tops & {
        "infra",
        "tests",
        "vendor",
        "docs",
        "benchmarks",
        "requirements.txt",
        ".local",
        ".chalice",
    }
    assert not tops & {"boto3", "botocore", "flask", "moto", "pytest", "click", "pip", "setuptools", "wheel"}


def test_it_holds_nothing_that_only_twilios_asynchronous_client_needs(names: set[str]) -> None:
    assert not {name.partition("/")[0] for name in names} & set(NEVER_RUN)


def test_every_module_comes_compiled_for_the_python_that_runs_it(names: set[str]) -> None:
    tag = sys.implementation.cache_tag
    modules = {name for name in names if name.endswith(".py")}
    compiled = {
        f"{folder}/__pycache__/{name.removesuffix('.py')}.{tag}.pyc".removeprefix("/")
        for folder, _, name in (module.rpartition("/") for module in modules)
    }
    assert compiled <= names


def test_it_is_small_enough_to_start_fast(built: tuple[Package, Package]) -> None:
    assert built[0].zip.stat().st_size <= 25_000_000


@pytest.fixture(scope="module")
def task(built: tuple[Package, Package], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package unzipped, and beside it what Lambda brings; Somali is recorded."""
    folder = Path(tmp_path_factory.mktemp("lambda"))
    with zipfile.ZipFile(built[0].zip) as made:
        made.extractall(folder / "task")
    (folder / "runtime").mkdir()
    for name in BROUGHT_BY_LAMBDA:
        for top in {file.parts[0] for file in files(name) or ()} - {"..", "__pycache__"}:
            (folder / "runtime" / top).symlink_to(SITE / top)
    record(folder / "task" / "prompts", "so", FACTS)
    return folder


def run(task: Path, code: str, **env: str) -> tuple[str, str]:
    """What it printed and complained of, in a Python that knows nothing else."""
    whole = f"import sys; sys.path[:0] = {[str(task / 'task'), str(task / 'runtime')]}; {code}"
    command = [sys.executable, "-I", "-S", "-c", whole]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    return ran.stdout, ran.stderr


def test_it_can_be_imported_where_there_is_only_boto3_and_no_setting(task: Path) -> None:
    assert run(task, "import app; print(app.app.app_name)") == ("aftercall\n", "")


def asked(path: str, **parts: str) -> str:
    """Code that prints what the function answers to a GET, as API Gateway puts it, without an Accept header."""
    resource = path
    for name, value in parts.items():
        resource = resource.replace(value, f"{{{name}}}")
    event = {"httpMethod": "GET", "path": path, "resource": resource, "headers": {}, "body": None}
    event |= {"multiValueQueryStringParameters": None, "pathParameters": parts, "stageVariables": None}
    event["requestContext"] = {"httpMethod": "GET", "resourcePath": resource}
    return f"import app, json; print(json.dumps(app.app({event}, None)))"


def test_it_answers_and_reaches_for_the_carrier_with_what_it_holds(task: Path) -> None:
    """Nobody is there: table and carrier cannot be reached, and that is all that is wrong."""
    nobody = "http://127.0.0.1:9"
    env = {**ENV, **SECRETS, "TABLE": "none", "TWILIO_API_URL": nobody, "AWS_ENDPOINT_URL": nobody}
    env |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "eu-north-1"}
    printed, complaint = run(task, asked("/health"), **env)
    answer = json.loads(printed.splitlines()[-1])
    assert answer["statusCode"] == 503
    assert json.loads(answer["body"]) == {"table": "unreachable", "carrier": "unreachable"}
    assert printed.count("refused") + printed.count("Could not connect") >= 2, printed
    assert "ModuleNotFoundError" not in printed + complaint


def test_a_recording_rides_in_it_and_is_decoded_whatever_is_accepted(
    task: Path, built: tuple[Package, Package]
) -> None:
    sound = (task / "task" / "prompts" / "so" / "audio" / "welcome.wav").read_bytes()
    name = f"welcome-{hashlib.sha256(sound).hexdigest()[:8]}.wav"
    printed, _ = run(task, asked(f"/audio/so/{name}", language="so", name=name))
    answer = json.loads(printed)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True)
    assert base64.b64decode(answer["body"]) == sound
    gateway = json.loads(built[0].service.read_text())["Resources"]["RestAPI"]["Properties"]
    assert gateway["BinaryMediaTypes"] == ["*/*"]


def test_a_python_that_lambda_does_not_run_is_refused() -> None:
    with pytest.raises(package.PackageError, match=r"3\.10.*3\.11"):
        package.check_python("3.10")
