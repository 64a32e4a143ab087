"""The very package and templates that are deployed, on the embedded engine: up, used, broken, taken back, and down."""

import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest

from infra import deploy, destroy, doctor, embedded, package, redrive
from infra.command import DONE, FAILED, REFUSED
from infra.deploy import Wish
from infra.package import Package
from infra.place import find
from infra.stage import Stage
from tests.infra.deployed import Deployed, everything

ROOT = package.ROOT
BUILT = Package(package.BUILD / "package")
WISH = Wish(Stage.read("local"))
ANSWERED = {"service": "yes", "time": "no", "resolved": "yes"}


def run(command: list[str]) -> subprocess.Popen[str]:
    """An ops command, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def killed(at: str, later: float = 0) -> bool:
    """A deployment, killed so many seconds after it says so; whether it got that far."""
    with run(["infra.deploy", "local"]) as deployment:
        assert deployment.stdout is not None
        reached = any(at in line for line in deployment.stdout)
        time.sleep(later)
        deployment.send_signal(signal.SIGKILL)
    return reached


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A stage whose first deployment was killed at some moment, and then made again."""
    seed = int(os.environ.get("SEED") or random.randrange(10**6))
    print(f"killed by SEED={seed}")
    moments = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATA", str(tmp_path_factory.mktemp("deployed") / "data"))
        try:
            said, at_most = moments.choice([("Starting the engine", 4.0), ("Deploying", 6.0)])
            assert killed(said, moments.uniform(0, at_most))
            with redirect_stdout(io.StringIO()) as heard:
                code = deploy.main(["local"])
            assert code == DONE, heard.getvalue()
            stage = Deployed.here()
            stage.api("/api/settings", "PUT", {"quiet_hours": "00:00-00:00"})  # tests run at night, too
            yield stage
        finally:
            embedded.down(forget=True)


@pytest.fixture(scope="module")
def same(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The package that is deployed."""
    return Package(Path(shutil.copytree(BUILT.folder, tmp_path_factory.mktemp("same") / "package")))


@pytest.fixture
def broken(same: Package, tmp_path: Path) -> Package:
    """A version that cannot even be imported, with a route more: what comes later in a zip replaces what is there."""
    package = Package(Path(shutil.copytree(same.folder, tmp_path / "package")))
    with zipfile.ZipFile(package.zip, "a") as made:
        with pytest.warns(UserWarning, match="app"):
            made.writestr("app.py", "raise RuntimeError('there is a fault in this version')\n")
        with pytest.warns(UserWarning, match="app"):
            made.writestr(f"__pycache__/app.{sys.implementation.cache_tag}.pyc", b"no compiled module")
    service = json.loads(package.service.read_text(encoding="utf-8"))
    paths = service["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    paths["/another"] = paths["/health"]
    package.service.write_text(json.dumps(service), encoding="utf-8")
    return package


def test_a_deployment_killed_half_way_is_finished_by_the_next(deployed: Deployed) -> None:
    stack = deployed.cloud.stack(deployed.cloud.service)
    assert stack is not None
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    assert deployed.visitor.healthy() is None


def test_a_survey_by_text_goes_through_the_deployed_package(deployed: Deployed) -> None:
    caller = "+447700900301"
    assert deployed.call("deployed-text", caller)["decision"] == "invited"
    assert "Exempelverket" in deployed.text_to(caller)
    replies = [deployed.phones.reply(caller, answer) for answer in ("1", "nej", "Ja!")]
    assert ["2 av 3" in replies[0][0], "3 av 3" in replies[1][0], "Tack" in replies[2][0]] == [True] * 3
    survey = deployed.survey("deployed-text")
    assert (survey["answers"], survey["disposition"]) == (ANSWERED, "complete")
    assert survey["attempts"][0]["status"] == "delivered"


def test_a_survey_by_phone_goes_through_the_deployed_package(deployed: Deployed) -> None:
    caller = "+4684650497"
    assert deployed.call("deployed-phone", caller)["decision"] == "invited"
    assert deployed.rings(caller)
    who, _ = deployed.phones.line(caller, "answer")
    assert "Exempelverket" in who
    for digits in "1121":  # it is the caller; then the three answers
        goodbye, line = deployed.phones.line(caller, "press", digits=digits)
    assert (bool(goodbye), line["status"]) == (True, "completed")
    survey = deployed.survey("deployed-phone")
    assert (survey["answers"], survey["disposition"], survey["channel"]) == (ANSWERED, "complete", "voice")


def test_events_that_failed_are_handed_over_again_and_those_that_fail_once_more_stay(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    here = find("local")
    dead, queue = here.event_letters(), here.client("sqs")
    fixture = ROOT / "tests" / "fixtures" / "genesys_cloud" / "eventbridge_customer_end.json"
    event = json.loads(fixture.read_text(encoding="utf-8"))["event"]
    unknown = {
        "source": "aws.connect",
        "detail": {"eventType": "DISCONNECTED", "contactId": "nobody-knows-it"},
    }
    for letter in (event, unknown, {"KinesisBatchInfo": {"shardId": "shardId-000000000000"}}):
        queue.send_message(QueueUrl=dead, MessageBody=json.dumps(letter))
    assert [each.name for each in doctor.findings(doctor.examine(here))] == ["calls-not-taken"]
    assert redrive.redrive(here) == FAILED
    heard = capsys.readouterr().out
    assert "Taken: 1 events of Genesys Cloud" in heard
    assert "2 stay" in heard
    assert here.waiting(str(dead)) == 2
    queue.purge_queue(QueueUrl=dead)


@pytest.mark.parametrize("function, counts", [("Sweep", "queued"), ("Refresh", "days")])
def test_the_schedules_have_the_permissions_they_need(deployed: Deployed, function: str, counts: str) -> None:
    event = {
        "version": "0",
        "id": "1",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "detail": {},
    }
    sent = {**event, "time": "2026-11-24T11:00:00Z", "account": "0", "region": "eu-north-1", "resources": []}
    answer = deployed.invoke(function, sent)
    assert set(answer) == {counts}, answer


def test_results_come_from_what_the_deployed_refresh_counted(deployed: Deployed) -> None:
    deployed.invoke("Refresh", {"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}})
    (group,) = deployed.api("/api/rates")["groups"]
    assert group["funnel"]["complete"] >= 2


def test_a_second_deployment_without_a_change_changes_nothing_and_is_quick(
    deployed: Deployed, same: Package, capsys: pytest.CaptureFixture[str]
) -> None:
    before, began = deployed.version, time.monotonic()
    assert deploy.bring(deployed.cloud, WISH, same) == DONE
    heard = capsys.readouterr().out
    assert "Nothing to do" in heard
    assert "Changes:" not in heard
    assert deployed.version == before
    assert time.monotonic() - began < 40


def test_a_dry_run_shows_what_would_change_and_changes_nothing(
    deployed: Deployed, broken: Package, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy.bring(deployed.cloud, replace(WISH, dry_run=True), broken) == DONE
    heard = capsys.readouterr().out
    assert "~ APIHandler (AWS::Lambda::Function)" in heard
    assert "Nothing was changed" in heard
    assert deployed.visitor.healthy() is None


def test_a_version_that_fails_its_smoke_test_is_taken_back(
    deployed: Deployed, broken: Package, capsys: pytest.CaptureFixture[str]
) -> None:
    before = deployed.version
    assert deploy.bring(deployed.cloud, WISH, broken) == FAILED
    assert f"Version {before} answers again" in capsys.readouterr().err
    again = Deployed.here()
    assert again.version == before
    assert again.survey("deployed-text")["disposition"] == "complete"
    assert doctor.findings(doctor.examine(find("local"))) == []


def test_whoever_does_not_type_the_name_destroys_nothing(deployed: Deployed) -> None:
    with run(["infra.destroy", "local", "--data"]) as refused:
        refused.communicate("yes\n")
    assert refused.returncode == REFUSED
    assert Deployed.here().visitor.healthy() is None


def test_a_first_deployment_that_fails_its_smoke_test_is_taken_down_and_tells_why(
    deployed: Deployed, broken: Package, capsys: pytest.CaptureFixture[str]
) -> None:
    with run(["infra.destroy", "local"]) as gone:
        heard, _ = gone.communicate("local\n")
    assert gone.returncode == DONE
    assert "table/aftercall-local" in heard
    cloud = deploy.reached(WISH.stage)
    assert deploy.bring(cloud, WISH, broken) == FAILED
    heard = capsys.readouterr().err
    assert "there is a fault in this version" in heard  # from the service's own log
    assert "Nothing is deployed" in heard
    assert cloud.stack(cloud.service) is None
    assert "aftercall-local" in cloud.tables()


def test_a_stage_that_comes_back_has_its_records_and_secrets(deployed: Deployed, same: Package) -> None:
    assert deploy.bring(deploy.reached(WISH.stage), WISH, same) == DONE
    again = Deployed.here()
    assert again.survey("deployed-text")["answers"] == ANSWERED
    assert again.visitor.values["PHONE_KEY"] == deployed.visitor.values["PHONE_KEY"]


def test_destroyed_with_its_data_it_leaves_nothing(deployed: Deployed) -> None:
    cloud = Deployed.here().cloud
    drill = {"SourceTableName": "aftercall-local", "TargetTableName": "aftercall-local-20261122T100000Z"}
    cloud.client("dynamodb").restore_table_to_point_in_time(**drill, UseLatestRestorableTime=True)
    destroy.remove(cloud, data=True)
    assert {kind: names for kind, names in everything(cloud).items() if names} == {}
    assert destroy.leftovers(cloud) == []
    with run(["infra.destroy", "local", "--data"]) as gone:
        gone.communicate("local\n")
    assert gone.returncode == DONE
    assert not embedded.folder().exists()
