"""The doctor: quiet on a healthy stage, and each of many misconfigurations found and named, with what to do."""

import http.server
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from infra import doctor, place
from infra.command import DONE, FAILED
from infra.examine import settings
from infra.examine.finding import Patient
from infra.place import Place
from tests.infra import seeded
from tests.stage import Stage

OTHER_KEY = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0"
NOBODY = "+46701740698"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage of our own: others may leave dead letters behind."""
    running = Stage(Path(tmp_path_factory.mktemp("doctor")) / "data")
    try:
        running.start()
        running.tick()
        yield running
    finally:
        running.clear()


@pytest.fixture(scope="module")
def healthy(stage: Stage) -> Place:
    return place.running(stage.data, {})


def with_env(healthy: Place, **env: str) -> Place:
    return replace(healthy, env={**healthy.env, **env})


def deployed(healthy: Place) -> Place:
    """The same as a stage that texts real people would be looked at."""
    return replace(with_env(healthy, STAGE="dev"), name="dev")


def found(here: Place, **options: bool) -> dict[str, str]:
    """What the doctor finds: name, and what to do."""
    return {each.name: each.do for each in doctor.findings(doctor.examine(here, **options))}


def told(here: Place) -> tuple[int, str]:
    heard = io.StringIO()
    with redirect_stdout(heard):
        code = doctor.doctor(here)
    return code, heard.getvalue()


def test_a_healthy_stage_is_quiet(healthy: Place) -> None:
    code, said = told(healthy)
    assert code == DONE
    assert said.count("\n") == 1
    assert "healthy" in said


def test_a_stage_in_use_stays_healthy(stage: Stage, healthy: Place) -> None:
    """Invitations, replies and a callback's promise are texts of ours, whatever stands in their blanks."""
    stage.morning()
    caller = stage.mobile()
    stage.post_call(caller)
    stage.tick()
    for answer in ("1", "2", "2", "ja"):
        stage.reply(caller, answer)
    stage.tick()
    assert stage.texts(caller)
    assert found(healthy) == {}


@pytest.mark.parametrize(
    "env, name",
    [
        ({"TWILIO_AUTH_TOKEN": ""}, "missing-twilio-auth-token"),
        (
            {"TWILIO_ACCOUNT_SID": "SK" + "0" * 32},
            "malformed-twilio-account-sid",
        ),  # an API key, not the account
        ({"TWILIO_AUTH_TOKEN": "secret"}, "malformed-twilio-auth-token"),
        ({"TWILIO_FROM": "Myndigheten"}, "one-way-sender"),
        ({"TWILIO_VOICE_FROM": "0701740699"}, "malformed-twilio-voice-from"),
        ({"CALLS_WEBHOOK_SECRET": "whsec_c2hvcnQ="}, "weak-calls-webhook-secret"),
        ({"CALLS_WEBHOOK_SECRET": OTHER_KEY[6:]}, "weak-calls-webhook-secret"),  # no whsec_
        ({"PHONE_KEY": "c2hvcnQ="}, "malformed-phone-key"),
        ({"API_TOKEN": "letmein"}, "weak-api-token"),
        ({"TIMEZONE": "Europe/Stokholm"}, "unreadable"),
        ({"PUBLIC_URL": "https://survey.example/"}, "unreadable"),  # the slash is signed, too
    ],
)
def test_a_setting_that_is_missing_or_malformed_is_named(
    healthy: Place, env: dict[str, str], name: str
) -> None:
    assert name in found(with_env(healthy, **env))


def test_a_secret_is_never_shown(healthy: Place) -> None:
    _, said = told(with_env(healthy, TWILIO_AUTH_TOKEN="not-to-be-shown", API_TOKEN="hush"))
    assert "not-to-be-shown" not in said
    assert "hush" not in said


def test_an_address_in_clear_is_named_where_people_are_texted(healthy: Place) -> None:
    real = deployed(with_env(healthy, PUBLIC_URL="http://survey.example", TWILIO_API_URL=""))
    assert [each.name for each in settings.address(Patient(real))] == ["no-https"]


def test_keys_the_carrier_does_not_know_are_named(healthy: Place) -> None:
    assert "carrier-keys" in found(with_env(healthy, TWILIO_AUTH_TOKEN="0" * 32))


def test_a_carrier_that_does_not_answer_is_named_once(healthy: Place) -> None:
    names = found(with_env(healthy, TWILIO_API_URL="http://127.0.0.1:1"))
    assert "carrier-unreachable" in names
    assert not {"number-not-ours", "clock"} & set(names)


def test_an_address_where_nobody_answers_is_named_once(healthy: Place) -> None:
    names = found(with_env(healthy, PUBLIC_URL="http://127.0.0.1:1"))
    assert "unreachable" in names
    assert not {"signed-call-refused", "open-door"} & set(names)


def test_a_service_that_holds_another_secret_is_named(healthy: Place) -> None:
    assert "signed-call-refused" in found(with_env(healthy, CALLS_WEBHOOK_SECRET=OTHER_KEY))


def test_a_service_that_holds_another_token_for_the_pages_is_named(healthy: Place) -> None:
    assert "token-refused" in found(with_env(healthy, API_TOKEN="x" * 32))


def test_an_address_that_is_not_the_one_signed_is_named(healthy: Place) -> None:
    """The service answers there, too, but the carrier's signatures would be for another address."""
    other = healthy.env["PUBLIC_URL"].replace("127.0.0.1", "localhost")
    names = found(with_env(healthy, PUBLIC_URL=other))
    assert {"carrier-refused", "text-webhook", "voice-webhook"} <= set(names)


def test_a_service_that_lets_everybody_in_is_named(healthy: Place) -> None:
    with open_house() as url:
        names = found(with_env(healthy, PUBLIC_URL=url))
    assert {"open-door", "open-carrier-door", "open-results"} <= set(names)


def test_a_number_that_is_not_the_account_s_is_named(healthy: Place) -> None:
    assert "number-not-ours" in found(with_env(healthy, TWILIO_FROM=NOBODY))


@pytest.mark.parametrize(
    "fields, name",
    [
        ({"capabilities": {"sms": True, "voice": False}}, "no-voice"),
        ({"capabilities": {"sms": False, "voice": True}}, "no-sms"),
        ({"sms_url": "https://demo.twilio.com/welcome/sms/reply"}, "text-webhook"),  # as a number is bought
        ({"voice_url": ""}, "voice-webhook"),
        ({"sms_method": "GET"}, "text-webhook-method"),
        ({"sms_application_sid": "AP" + "0" * 32}, "number-used-elsewhere"),
        ({"trunk_sid": "TK" + "0" * 32}, "number-used-elsewhere"),
    ],
)
def test_a_number_set_up_wrong_at_the_carrier_is_named(
    healthy: Place, fields: dict[str, Any], name: str
) -> None:
    with seeded.carrier(healthy.env["TWILIO_API_URL"], seeded.number(**fields)) as url:
        names = found(with_env(healthy, TWILIO_API_URL=url))
    assert set(names) == {name}


def test_a_webhook_without_repetition_is_named(healthy: Place) -> None:
    bare = healthy.env["PUBLIC_URL"] + "/webhooks/twilio/sms"
    with seeded.carrier(healthy.env["TWILIO_API_URL"], seeded.number(sms_url=bare)) as url:
        names = found(with_env(healthy, TWILIO_API_URL=url))
    assert set(names) == {"text-webhook-retry"}
    assert bare + "#rc=3" in names["text-webhook-retry"]


OURS = {"sid": "MG" + "1" * 32, "friendly_name": "letters", "inbound_request_url": "https://other.example"}


@pytest.mark.parametrize(
    "changes, name",
    [
        (seeded.account(status="suspended"), "account-not-active"),
        (seeded.account(type="Trial"), "trial-account"),
        (seeded.says("/Balance", {"balance": "3.10", "currency": "USD"}), "balance"),
        (
            seeded.says("/PhoneNumbers", {"phone_numbers": [{"phone_number": "+46701740699"}]})
            | {"/v1/Services?": lambda _: {"services": [OURS]}},
            "number-in-another-service",
        ),
        (
            seeded.says("GeoPermissions", {"permissions": [{"country_code": "SE", "enabled": False}]}),
            "country-closed",
        ),
        (seeded.says("DialingPermissions", {"low_risk_numbers_enabled": False}), "country-closed"),
    ],
)
def test_an_account_set_up_wrong_is_named(
    healthy: Place, changes: dict[str, Callable[[Any], Any]], name: str
) -> None:
    with seeded.carrier(healthy.env["TWILIO_API_URL"], changes) as url:
        assert set(found(with_env(healthy, TWILIO_API_URL=url))) == {name}


def test_a_messaging_service_whose_replies_go_elsewhere_is_named(healthy: Place) -> None:
    changes = seeded.says("/PhoneNumbers", {"phone_numbers": []}) | {
        "/v1/Services?": lambda _: {"services": [OURS]}
    }
    with seeded.carrier(healthy.env["TWILIO_API_URL"], changes) as url:
        names = found(with_env(healthy, TWILIO_API_URL=url, TWILIO_FROM=str(OURS["sid"])))
    assert {"text-webhook", "empty-service"} <= set(names)


def test_texts_of_somebody_else_from_our_number_are_noticed(healthy: Place) -> None:
    letter = {"direction": "outbound-api", "body": "Your case officer has written to you. Sign in to read."}
    changes = {"/Messages.json": lambda body: body | {"messages": [*body["messages"], letter]}}
    with seeded.carrier(healthy.env["TWILIO_API_URL"], changes) as url:
        names = found(with_env(healthy, TWILIO_API_URL=url))
    assert set(names) == {"shared-sender"}


def test_a_clock_that_is_wrong_is_named(healthy: Place) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    with seeded.carrier(healthy.env["TWILIO_API_URL"], {}, date=later) as url:
        assert set(found(with_env(healthy, TWILIO_API_URL=url))) == {"clock"}


def test_an_issuer_that_cannot_be_reached_is_named(healthy: Place) -> None:
    assert set(found(with_env(healthy, OIDC_ISSUER="http://127.0.0.1:1"))) == {"issuer-unreachable"}


def test_draft_languages_and_an_example_phone_number_are_no_matter_here_and_named_where_people_are_asked(
    healthy: Place,
) -> None:
    assert {"draft-languages", "example-phone"} <= set(found(deployed(healthy), going_live=True))
    assert found(healthy) == {}


def test_a_kill_switch_left_on_is_named(stage: Stage, healthy: Place) -> None:
    stage.change(killed=["language:sv"])
    try:
        assert set(found(healthy)) == {"killed"}
    finally:
        stage.change(killed=[])


def test_a_day_s_ceiling_reached_is_named(stage: Stage, healthy: Place) -> None:
    stage.change(max_per_day=0)
    try:
        assert set(found(healthy)) == {"ceiling"}
    finally:
        stage.change(max_per_day=5000)


def test_dead_letters_are_named_until_they_are_gone(healthy: Place) -> None:
    queue, address = healthy.client("sqs"), healthy.dead_letters()
    queue.send_message(QueueUrl=address, MessageBody=json.dumps({"kind": "survey", "id": "nobody"}))
    try:
        assert set(found(healthy)) == {"dead-letters"}
    finally:
        queue.purge_queue(QueueUrl=address)


def test_results_that_grew_old_and_work_left_undone_are_named(stage: Stage, healthy: Place) -> None:
    """As it looks an hour after the schedules stopped."""
    stage.post_call(stage.mobile())
    later = healthy.clock() + timedelta(days=3)
    names = found(replace(healthy, clock=lambda: later))
    assert {"stale-results", "overdue"} <= set(names)


def test_each_finding_says_what_to_do_and_the_exit_code_tells(healthy: Place) -> None:
    code, said = told(with_env(healthy, TWILIO_FROM=NOBODY))
    assert code == FAILED
    assert said.count("✗") == said.count("→") > 0


class Anybody(http.server.BaseHTTPRequestHandler):
    """Answers 200 to everything."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class open_house:
    """A service without locks."""

    def __enter__(self) -> str:
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Anybody)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
