"""The zip and the template that are deployed, made for real."""

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

ROOT = package.ROOT
SITE = Path(boto3.__file__).parent.parent
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


def test_it_can_be_imported_where_there_is_only_boto3_and_no_setting(
    built: tuple[Package, Package], tmp_path: Path
) -> None:
    with zipfile.ZipFile(built[0].zip) as made:
        made.extractall(tmp_path / "task")
    (tmp_path / "runtime").mkdir()
    for name in BROUGHT_BY_LAMBDA:
        for top in {file.parts[0] for file in files(name) or ()} - {"..", "__pycache__"}:
            (tmp_path / "runtime" / top).symlink_to(SITE / top)
    path = [str(tmp_path / "task"), str(tmp_path / "runtime")]
    code = f"import sys; sys.path[:0] = {path}; import app; print(app.app.app_name)"
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], env={}, capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr) == ("aftercall\n", "")


def test_a_python_that_lambda_does_not_run_is_refused() -> None:
    with pytest.raises(package.PackageError, match=r"3\.10.*3\.11"):
        package.check_python("3.10")
