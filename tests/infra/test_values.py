"""Secrets and settings of a stage that is no embedded one: given, made up, shown once, kept, proved."""

import os
import pty
import re
import stat
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra import bucket, budget, deploy, escrow, package, shown, stacks, values
from infra.aws import Cloud, connect, embedded_cloud
from infra.command import OpsError
from infra.deploy import Wish
from infra.package import Package
from infra.stage import Stage

GIVEN = """
# of the carrier
TWILIO_ACCOUNT_SID=AC00000000000000000000000000000001
TWILIO_AUTH_TOKEN='0123456789abcdef0123456789abcdef'
TWILIO_FROM=+46701740699
TWILIO_VOICE_FROM=+46701740699
"""
RECORDS = Package(package.ROOT / "infra")  # the records' template is deployed as it is written


@pytest.fixture(scope="module")
def cloud(engine_endpoint: str) -> Cloud:
    """`dev`, with its records made and no value yet."""
    made = embedded_cloud(Stage.read("dev"), engine_endpoint)
    bucket.make(made)
    deploy.keep_records(made, RECORDS)
    return made


@pytest.fixture
def nothing(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """No value is there, and none in the environment."""
    values.remove(cloud)
    for name in {*values.GIVEN, *values.MADE, *values.OPTIONAL}:
        monkeypatch.delenv(name, raising=False)
    return cloud


@pytest.fixture
def given(tmp_path: Path) -> Path:
    (tmp_path / "given").write_text(GIVEN, encoding="utf-8")
    return tmp_path / "given"


def test_a_table_that_lost_its_stack_gets_a_new_one_with_all_it_holds(cloud: Cloud) -> None:
    table, records = cloud.client("dynamodb"), {"pk": {"S": "caller#1"}, "sk": {"S": "caller"}}
    table.put_item(TableName="aftercall-dev", Item=records)
    stacks.delete(cloud, cloud.records)  # by hand, say
    with pytest.raises(OpsError, match="is not deployed"):
        cloud.outputs(cloud.records)
    deploy.keep_records(cloud, RECORDS)
    assert cloud.outputs(cloud.records)["Table"] == "aftercall-dev"
    assert table.get_item(TableName="aftercall-dev", Key=records)["Item"] == records


def secrets(cloud: Cloud, given: Path) -> list[str]:
    """Those that are made up at the first deployment."""
    values.complete(cloud, given, {})
    known = values.read(cloud)
    return [known[name] for name in values.MADE]


def test_what_is_not_given_is_asked_for_by_name(nothing: Cloud) -> None:
    with pytest.raises(OpsError, match="TWILIO_ACCOUNT_SID is needed"):
        values.complete(nothing, None, {})


def test_secrets_are_made_up_once_and_then_kept(nothing: Cloud, given: Path) -> None:
    values.complete(nothing, given, {})
    first = values.read(nothing)
    assert {*values.MADE, *values.GIVEN} == set(first)
    assert first["TWILIO_AUTH_TOKEN"] == "0123456789abcdef0123456789abcdef"
    values.complete(nothing, given, {})
    assert values.read(nothing) == first


def test_secrets_are_sealed_and_the_rest_is_not(nothing: Cloud, given: Path) -> None:
    values.complete(nothing, given, {})
    described = nothing.client("ssm").describe_parameters()["Parameters"]
    sealed = {each["Name"].rpartition("/")[2] for each in described if each["Type"] == "SecureString"}
    assert sealed == {*values.MADE, "TWILIO_AUTH_TOKEN"}


def test_a_new_value_replaces_the_containers_with_the_next_deployment(nothing: Cloud, given: Path) -> None:
    values.complete(nothing, given, {})
    before = values.versions(nothing)
    values.write(nothing, "API_TOKEN", "the same for everybody")
    values.write(nothing, "API_TOKEN", "the same for everybody")  # nothing new
    after = values.versions(nothing)
    assert (before, after) == (before, before.replace("API_TOKEN:1", "API_TOKEN:2"))


def test_secrets_go_to_a_new_file_of_ones_own_and_nowhere_else(
    nothing: Cloud, given: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "secrets"
    made = secrets(nothing, given)
    shown.once(Wish(nothing.stage, secrets=file), nothing)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert all(secret in file.read_text(encoding="utf-8") for secret in made)
    said = capsys.readouterr().out
    assert "ESCROW" in said
    assert not any(secret in said for secret in made)
    assert escrow.state(nothing)["proved_at"] is None


def test_secrets_are_shown_once(nothing: Cloud, given: Path, tmp_path: Path) -> None:
    secrets(nothing, given)
    shown.once(Wish(nothing.stage, secrets=tmp_path / "first"), nothing)
    shown.once(Wish(nothing.stage, secrets=tmp_path / "second"), nothing)
    assert [file.name for file in tmp_path.iterdir() if file != given] == ["first"]


def test_without_a_terminal_or_a_new_file_no_secret_is_shown(nothing: Cloud, given: Path) -> None:
    secrets(nothing, given)
    with pytest.raises(OpsError, match="--secrets FILE"):
        shown.once(Wish(nothing.stage), nothing)
    with pytest.raises(OpsError, match="is there already"):
        shown.once(Wish(nothing.stage, secrets=given), nothing)
    assert values.ESCROW not in values.read(nothing)


def test_a_terminal_is_shown_every_secret_and_why_one_must_be_sealed(nothing: Cloud, given: Path) -> None:
    made = secrets(nothing, given)
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal, redirect_stdout(terminal):
        shown.once(Wish(nothing.stage), nothing)
        terminal.flush()
        said = os.read(ours, 10_000).decode()
    os.close(ours)
    assert all(secret in said for secret in made)
    assert "ESCROW" in said


def test_the_sealed_copy_is_proved_by_typing_it(nothing: Cloud, given: Path) -> None:
    secrets(nothing, given)
    key = values.read(nothing)["PHONE_KEY"]
    assert not escrow.prove(nothing, key[:-2] + "x=")
    assert escrow.state(nothing).get("proved_at") is None
    assert escrow.prove(nothing, f" {key}\n")
    assert escrow.state(nothing)["proved_at"] == escrow.today()


def test_credentials_of_another_account_are_refused(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint or "")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    elsewhere = replace(cloud.stage, file={**cloud.stage.file, "account": "123456789012"})
    with pytest.raises(OpsError, match=re.escape("belongs in 123456789012")):
        connect(elsewhere)
    assert connect(cloud.stage).account == cloud.account


def test_the_budget_is_what_the_stage_says(cloud: Cloud) -> None:
    def limits() -> list[Any]:
        found = cloud.client("budgets").describe_budgets(AccountId=cloud.account).get("Budgets", ())
        return [(each["BudgetName"], each["BudgetLimit"]["Amount"]) for each in found]

    for dollars in (20, 30):
        alarms = {"mail": "ops@example.org", "budget_per_month": dollars}
        stage = replace(cloud.stage, file={**cloud.stage.file, "alarms": alarms})
        budget.keep(replace(cloud, stage=stage))
        assert [(name, float(amount)) for name, amount in limits()] == [("aftercall-dev", dollars)]
    budget.keep(cloud)  # whose file names no address
    assert limits() == []
