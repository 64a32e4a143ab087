"""The commands of ops on a running stage: go live, hand over, redrive, erase, export, rotate, back up."""

import base64
import contextlib
import csv
import hashlib
import hmac
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from twilio.request_validator import RequestValidator

from chalicelib.carrier.twilio import Twilio
from chalicelib.numbers import Vault
from chalicelib.store.dynamo import Table
from chalicelib.store.erasure import Erasure
from infra import backup, columns, erase, export, golive, handover, place, redrive, restore, rotate
from infra.command import DONE, FAILED, OpsError
from infra.place import Place
from infra.restore import Wish
from tests.stage import Stage, until

COMMANDS = (backup, erase, export, golive, handover, redrive, restore, rotate)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    running = Stage(Path(tmp_path_factory.mktemp("commands")) / "data")
    try:
        running.start()
        running.morning()
        yield running
    finally:
        running.clear()


@pytest.fixture(scope="module")
def here(stage: Stage) -> Place:
    return place.running(stage.data, {})


def said(act: Callable[[], int]) -> tuple[int, str]:
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard):
        code = act()
    return code, heard.getvalue()


def refused(act: Callable[[], int]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as heard, pytest.raises(OpsError) as error:
        act()
    return heard.getvalue() + str(error.value)


def answered(stage: Stage, *texts: str) -> tuple[str, dict[str, Any]]:
    """A caller who was asked and replied so; the number, and the call."""
    caller = stage.mobile()
    call = stage.call(caller)
    assert stage.post(call).status == 202
    stage.tick()
    for text in texts:
        stage.reply(caller, text)
    stage.tick()
    return caller, call


@pytest.mark.parametrize("module", COMMANDS, ids=lambda module: module.__name__)
def test_every_command_explains_itself(module: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        module.main(["--help"])
    assert ended.value.code == 0
    assert "STAGE" in capsys.readouterr().out


# golive


def test_a_stage_goes_live_in_three_steps_a_day_apart_each_in_the_history(stage: Stage, here: Place) -> None:
    stage.change(mode="trial", sampling={"": 1.0, "permits": 0.5})
    for step in ("5%", "25%", "100%"):
        code, told = said(lambda: golive.golive(here, "tester", yes=True))
        assert (code, step in told) == (DONE, True)
        if step != "100%":
            assert "less than a day" in refused(lambda: golive.golive(here, "tester", yes=True))
            stage.ahead(hours=25)
    assert golive.golive(here, "tester", yes=True) == DONE
    stage.ahead(minutes=1)  # what the service has read of its settings may be half a minute old
    settings = stage.api("/api/settings")
    assert settings["policy"]["mode"] == "live"
    assert settings["policy"]["sampling"] == {"": 1.0, "permits": 0.5}
    who = [entry["who"] for entry in settings["history"] if entry["who"].startswith("golive")]
    assert who == ["golive 100% by tester", "golive 25% by tester", "golive 5% by tester"]


def test_nobody_goes_live_while_the_doctor_finds_something(stage: Stage, here: Place) -> None:
    stage.change(mode="trial", killed=["all"])
    try:
        told = refused(lambda: golive.golive(here, "tester", yes=True))
        assert "killed" in told
        assert stage.api("/api/settings")["policy"]["mode"] == "trial"
    finally:
        stage.change(mode="live", killed=[], sampling={})


def test_drafts_hold_a_stage_of_real_callers_back(stage: Stage, here: Place) -> None:
    stage.change(mode="trial")
    dev = replace(here, name="dev", env={**here.env, "STAGE": "dev"})
    try:
        assert "draft-languages" in refused(lambda: golive.golive(dev, "tester", yes=True))
    finally:
        stage.change(mode="live")


def test_drafts_that_somebody_accepted_are_said_and_hold_nobody_back(stage: Stage, here: Place) -> None:
    stage.change(mode="trial", draft_languages=["sv", "en"])
    dev = replace(here, name="dev", env={**here.env, "STAGE": "dev"})
    try:
        told = refused(lambda: golive.golive(dev, "tester", yes=True))
        assert "! accepted-drafts" in told
        assert "draft-languages" not in told
    finally:
        stage.change(mode="live")


def test_a_dry_run_of_golive_changes_nothing(stage: Stage, here: Place) -> None:
    stage.change(mode="trial")
    try:
        code, told = said(lambda: golive.golive(here, "tester", dry_run=True))
        assert (code, "5%" in told) == (DONE, True)
        assert stage.api("/api/settings")["policy"]["mode"] == "trial"
    finally:
        stage.change(mode="live")


# redrive


def test_dead_letters_go_back_and_are_looked_at(stage: Stage, here: Place) -> None:
    queue, dead = here.client("sqs"), here.dead_letters()
    for n in range(12):
        queue.send_message(QueueUrl=dead, MessageBody=json.dumps({"kind": "survey", "id": f"nobody{n}"}))
    code, told = said(lambda: redrive.redrive(here, dry_run=True))
    assert (code, "12" in told) == (DONE, True)
    code, told = said(lambda: redrive.redrive(here))
    assert (code, "12 looks at surveys" in told) == (DONE, True)
    assert here.waiting(dead) == 0
    assert until(lambda: here.waiting(here.settings.send_queue_url) == 0, 10)
    code, told = said(lambda: redrive.redrive(here))
    assert (code, "nothing" in told) == (DONE, True)


def test_a_letter_that_is_none_of_ours_stays(here: Place) -> None:
    queue, dead = here.client("sqs"), here.dead_letters()
    queue.send_message(QueueUrl=dead, MessageBody="hello")
    try:
        code, told = said(lambda: redrive.redrive(here))
        assert (code, "1 stay, no notes" in told) == (FAILED, True)
    finally:
        queue.purge_queue(QueueUrl=dead)


# erase


def test_a_person_is_forgotten_and_the_answers_count_on(stage: Stage, here: Place) -> None:
    caller, call = answered(stage, "1", "2", "2", "ja", "my case is number 12-345678, please hurry with it")
    before = stage.survey(call)
    code, told = said(lambda: erase.erase(here, caller, "tester", yes=True))
    proof = json.loads(told)
    assert code == DONE
    assert proof["surveys_unlinked"] == proof["callbacks_deleted"] == 1
    assert proof["remarks_deleted"] >= 1
    assert proof["carrier_records_deleted"] >= 6
    assert proof["read_again_and_gone"]
    assert caller not in told
    assert stage.survey(call)["answers"] == before["answers"]
    keys = Vault(here.settings.phone_keys).hashes(caller)
    stored = json.dumps(stage.stored(), default=str)
    assert not [key for key in keys if key in stored]
    assert "12-345678" not in stored
    assert '"sealed"' not in json.dumps(
        [item for item in stage.stored() if before["survey_id"] in item["pk"]["S"]], default=str
    )


def test_erasing_twice_finds_nothing_more(stage: Stage, here: Place) -> None:
    caller, _ = answered(stage, "1")
    assert said(lambda: erase.erase(here, caller, "tester", yes=True))[0] == DONE
    code, told = said(lambda: erase.erase(here, caller, "tester", yes=True))
    assert code == DONE
    assert json.loads(told)["surveys_unlinked"] == 0


def test_an_opt_out_survives_and_is_honoured(stage: Stage, here: Place) -> None:
    caller, _ = answered(stage, "STOPP")
    _, told = said(lambda: erase.erase(here, caller, "tester", yes=True))
    assert json.loads(told)["opt_out_kept"]
    decision = stage.post_call(caller)
    assert decision["reason"] == "opted_out"


def test_a_survey_that_is_still_open_is_ended_and_sends_nothing_more(stage: Stage, here: Place) -> None:
    caller, call = answered(stage, "1")
    said(lambda: erase.erase(here, caller, "tester", yes=True))
    sent = len(stage.texts(caller))
    stage.ahead(hours=5)
    assert len(stage.texts(caller)) == sent
    assert stage.survey(call)["disposition"] == "break_off"


def test_a_dry_run_of_erase_tells_and_changes_nothing(stage: Stage, here: Place) -> None:
    caller, _ = answered(stage, "1")
    before = stage.stored()
    code, told = said(lambda: erase.erase(here, caller, "tester", dry_run=True))
    assert (code, "surveys" in told) == (DONE, True)
    assert stage.stored() == before


def test_what_is_no_number_is_refused_and_not_repeated(here: Place) -> None:
    assert "07x-not" not in refused(lambda: erase.erase(here, "07x-not", "tester", yes=True))


# export


def exported(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def test_an_export_agrees_with_the_api_and_holds_no_number(stage: Stage, here: Place, tmp_path: Path) -> None:
    caller, call = answered(stage, "1", "2", "2", "ja", "=it was 12 minutes")
    stage.reply(refuser := stage.mobile(), "STOP")
    day = date.fromisoformat(call["ended_at"][:10])
    folder = tmp_path / "out"
    code, _ = said(lambda: export.export(here, folder, day - timedelta(days=10), day + timedelta(days=1)))
    assert code == DONE
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name, noted in manifest["files"].items():
        raw = (folder / name).read_bytes()
        assert hashlib.sha256(raw).hexdigest() == noted["sha256"]
        assert not [each for each in (caller, refuser) if each.encode() in raw or each[-9:].encode() in raw]
    known = stage.survey(call)
    assert next(row for row in exported(folder, "calls") if row["call_id"] == call["call_id"]) == known
    assert known["survey_id"] in [row["id"] for row in exported(folder, "callbacks")]
    mine = [row["text"] for row in exported(folder, "remarks") if row["survey_id"] == known["survey_id"]]
    assert mine == ["=it was 12 minutes"]
    assert Vault(here.settings.phone_keys).hash(refuser) in [
        row["key"] for row in exported(folder, "opt_outs")
    ]
    assert folder.stat().st_mode & 0o077 == 0


def test_an_exported_table_has_the_columns_its_readme_names(
    stage: Stage, here: Place, tmp_path: Path
) -> None:
    answered(stage, "1", "2", "2", "ja", "=1+1 is what I waited")
    stage.reply(stage.mobile(), "STOP")
    today = here.clock().date()
    said(lambda: export.export(here, tmp_path / "out", today - timedelta(days=10), today + timedelta(days=2)))
    readme = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    for name, named in columns.tables().items():
        wanted = [column for column in named if column != "about"]
        assert all(f"`{column}`" in readme for column in wanted)
        text = (tmp_path / "out" / f"{name}.csv").read_text(encoding="utf-8")
        rows = list(csv.reader(io.StringIO(text)))
        lines = exported(tmp_path / "out", name)
        assert rows[0] == wanted
        assert len(rows) == len(lines) + 1 > 1
        assert all(set(columns.flat(line)) == set(wanted) for line in lines)
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_whoever_has_the_key_finds_a_number_among_the_exported_opt_outs(here: Place) -> None:
    """By the very steps that the export's README tells."""
    number, phone_key = "+46701740698", here.env["PHONE_KEY"].split()[0]
    derived = hmac.digest(base64.b64decode(phone_key), b"aftercall:hash\x01", "sha256")
    told = hmac.digest(derived, number.encode(), "sha256")[:16].hex()
    assert Vault(here.settings.phone_keys).hash(number) == told


def test_an_export_never_writes_over_an_older_one(here: Place, tmp_path: Path) -> None:
    (tmp_path / "older").write_text("x", encoding="utf-8")
    today = datetime.now(UTC).date()
    assert "not empty" in refused(lambda: export.export(here, tmp_path, today - timedelta(days=1), today))


# rotate


def kept(stage: Stage) -> dict[str, str]:
    found: dict[str, str] = json.loads((stage.data / "settings.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def as_it_was(stage: Stage) -> Iterator[None]:
    path = stage.data / "settings.json"
    before = path.read_bytes()
    yield
    path.write_bytes(before)


@pytest.mark.usefixtures("as_it_was")
def test_a_webhook_secret_is_rotated_with_both_in_use_in_between(stage: Stage, here: Place) -> None:
    name = "CALLS_WEBHOOK_SECRET"
    old = kept(stage)[name]
    code, told = said(lambda: rotate.rotate(here, rotate.Wish(name, yes=True)))
    both = kept(stage)[name].split()
    assert (code, both[1], len(both)) == (DONE, old, 2)
    assert both[0] not in told
    assert said(lambda: rotate.rotate(here, rotate.Wish(name, finish=True, yes=True)))[0] == DONE
    assert kept(stage)[name] == both[0]
    assert "nothing to take away" in refused(
        lambda: rotate.rotate(here, rotate.Wish(name, finish=True, yes=True))
    )


def test_the_carrier_s_new_token_works_beside_the_old_one_until_it_is_promoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, old, new = "TWILIO_AUTH_TOKEN", "0" * 32, "1" * 32
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: new)
    both = rotate.renewed(name, old)
    assert both.split() == [new, old]
    assert rotate.finished(name, both) == new
    url = "https://survey.example.org"
    twilio = Twilio("AC1", tuple(both.split()), "+46701740699", "+46701740699", url)
    signed_by = {
        token: RequestValidator(token).compute_signature(f"{url}/x", {}) for token in (new, old, "2" * 32)
    }
    assert [twilio.signed("/x", {}, signature) for signature in signed_by.values()] == [True, True, False]


@pytest.mark.usefixtures("as_it_was")
def test_an_older_phone_key_is_never_taken_away(stage: Stage, here: Place) -> None:
    old = kept(stage)["PHONE_KEY"]
    said(lambda: rotate.rotate(here, rotate.Wish("PHONE_KEY", yes=True)))
    said(lambda: rotate.rotate(here, rotate.Wish("PHONE_KEY", yes=True)))
    assert len(kept(stage)["PHONE_KEY"].split()) == 3
    assert kept(stage)["PHONE_KEY"].split()[-1] == old
    refused(lambda: rotate.rotate(here, rotate.Wish("PHONE_KEY", finish=True, yes=True)))


def test_a_dry_run_of_rotate_changes_nothing(stage: Stage, here: Place) -> None:
    before = kept(stage)
    assert said(lambda: rotate.rotate(here, rotate.Wish("API_TOKEN", dry_run=True)))[0] == DONE
    assert kept(stage) == before


def test_nothing_is_changed_when_nobody_is_there_to_agree(stage: Stage, here: Place) -> None:
    before = kept(stage)
    refused(lambda: rotate.rotate(here, rotate.Wish("API_TOKEN")))
    assert kept(stage) == before


# handover


def test_the_handover_is_one_page_without_a_secret(here: Place) -> None:
    page = handover.page(here)
    for word in ("Address", "Doctor", "Svenska", "draft", "+46701740699", "Restore: NEVER", "Mode: live"):
        assert word in page
    for name in ("TWILIO_AUTH_TOKEN", "API_TOKEN", "CALLS_WEBHOOK_SECRET", "PHONE_KEY"):
        assert here.env[name] not in page
    assert len(page.splitlines()) < 66


# backup and restore


def test_a_local_stage_says_how_it_is_backed_up(here: Place) -> None:
    assert str(here.data) in refused(lambda: backup.backup(here))
    at = datetime.now(UTC)
    assert "copy its folder" in refused(lambda: restore.restore(here, Wish(at, yes=True)))


def test_what_was_lost_comes_back_and_what_was_erased_does_not(here: Place) -> None:
    """On an imitation of AWS: the restored table is the older one, copied."""
    with mock_aws():
        client = boto3.client(
            "dynamodb", region_name="eu-north-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        keys: Any = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
        kinds: Any = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
        for name in ("now", "then"):
            client.create_table(
                TableName=name, KeySchema=keys, AttributeDefinitions=kinds, BillingMode="PAY_PER_REQUEST"
            )
        now, then = Table(client, "now", here.clock), Table(client, "then", here.clock)
        for lost in ("a", "b"):
            then.put({"pk": f"survey#{lost}", "sk": "survey", "call_id": "c"})
        then.put({"pk": "caller#k", "sk": "caller", "surveys": ["b"]})
        then.put({"pk": "policy", "sk": "policy", "rules": "old"})
        now.put({"pk": "policy", "sk": "policy", "rules": "new"})
        now.put({"pk": "erasures", "sk": "2026-11-21T10:00:00Z#ab12", "surveys": ["b"]})
        code, told = said(lambda: restore.bring_back(here, Imitation(client), "now", "then"))
        assert (code, "Brought back 1; 1 were there; 2 left out" in told) == (DONE, True)
        assert now.get({"pk": "survey#a", "sk": "survey"})
        assert now.get({"pk": "survey#b", "sk": "survey"}) is None
        assert now.get({"pk": "caller#k", "sk": "caller"}) is None
        assert (now.get({"pk": "policy", "sk": "policy"}) or {})["rules"] == "new"


def test_an_erasure_is_noted_without_the_person(stage: Stage, here: Place) -> None:
    caller, _ = answered(stage, "1")
    said(lambda: erase.erase(here, caller, "tester", yes=True))
    noted = Erasure(Table(here.client("dynamodb"), here.settings.table, here.clock)).noted()
    assert noted[-1]["who"] == "tester"
    assert caller not in json.dumps(noted, default=str)


class Imitation:
    """A cloud with a table client and nothing else."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, service: str) -> Any:
        return self._client
