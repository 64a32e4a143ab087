"""The handsets' control API and their page, as scripts, browsers and the service's own pages use them."""

import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.local.carrier_stage import AMINA, LANDLINE, NUMBER, TOM, Stage, stage, twiml

SMS = "/webhooks/twilio/sms"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def fetch(on: Stage, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    line = HTTPConnection(urlsplit(on.url).netloc, timeout=10)
    line.request(method, path, headers=headers)
    reply = line.getresponse()
    answer = reply.status, dict(reply.getheaders()), reply.read().decode()
    line.close()
    return answer


def test_three_handsets_are_there_from_the_start(on: Stage) -> None:
    handsets = {each["number"]: (each["kind"], each["language"]) for each in on.get("/numbers")["numbers"]}
    assert handsets == {AMINA: ("mobile", "sv"), TOM: ("mobile", "en"), LANDLINE: ("landline", "sv")}


def test_a_handset_is_added_and_changed(on: Stage) -> None:
    added = on.post("/numbers", {"number": "+46846500401", "label": "Grandfather"})
    assert (added["kind"], added["behaviour"]) == ("landline", "answers")  # the numbering plan says landline
    changed = on.post("/numbers", {"number": "+46846500401", "behaviour": "no_answer"})
    assert (changed["label"], changed["behaviour"]) == ("Grandfather", "no_answer")


@pytest.mark.parametrize(
    "wanted",
    [{"number": "112"}, {"number": AMINA, "kind": "fax"}, {"number": AMINA, "behaviour": "sings"}, {}],
)
def test_a_handset_that_cannot_be_is_refused_in_words(on: Stage, wanted: Any) -> None:
    status, said = on.ask("POST", "/phones/api/numbers", wanted)
    assert status == 422
    assert said["detail"]


def test_nothing_new_is_said_in_one_word(on: Stage) -> None:
    version = on.get(f"/numbers/{AMINA}")["version"]
    assert on.ask("GET", f"/phones/api/numbers/{AMINA}?after={version}") == (204, None)
    on.post(f"/numbers/{AMINA}/texts", {"body": "hello"})
    assert on.ask("GET", f"/phones/api/numbers/{AMINA}?after={version}")[0] == 200


def test_a_text_tells_how_many_parts_it_took(on: Stage) -> None:
    on.service.says(SMS, twiml(f"<Message>{'я' * 71}</Message>"))
    (reply,) = on.post(f"/numbers/{AMINA}/texts", {"body": "1"})["replies"]
    assert reply["parts"] == 2


@pytest.mark.parametrize("action", ["answer", "press", "silence", "hangup"])
def test_a_phone_that_is_not_on_a_call_says_so(on: Stage, action: str) -> None:
    status, said = on.ask("POST", f"/phones/api/numbers/{AMINA}/{action}", {"digits": "1"})
    assert (status, said["detail"]) == (409, "no call on this handset")


def test_only_keys_of_a_phone_can_be_pressed(on: Stage) -> None:
    on.service.says("/webhooks/twilio/voice", twiml("<Gather/>"))
    on.post(f"/numbers/{AMINA}/ring")
    assert on.ask("POST", f"/phones/api/numbers/{AMINA}/press", {"digits": "1x"})[0] == 422


def test_a_centre_that_cannot_reach_the_service_says_so(on: Stage) -> None:
    on.service.says("/webhooks/calls", (503, "application/json", '{"detail": "later"}'))
    told = on.post("/calls", {"number": AMINA})
    assert (told["status"], told["answer"]) == (503, {"detail": "later"})


def test_a_centre_may_send_a_call_without_any_number(on: Stage) -> None:
    told = on.post("/calls", {"number": None, "call_id": "c-1"})
    assert (told["sent"]["caller"], told["sent"]["call_id"]) == (None, "c-1")


def test_reset_forgets_everything_faults_and_opt_outs_too(on: Stage) -> None:
    on.post(f"/numbers/{AMINA}/texts", {"body": "STOP"})
    on.fail(on="send", do="429", one_in=1)
    on.post("/reset")
    log = on.get("/log")
    assert [log[name] for name in ("messages", "webhooks", "opted_out", "faults", "errors")] == [
        [],
        [],
        [],
        [],
        [],
    ]


def test_reset_drops_what_was_still_to_happen(on: Stage) -> None:
    on.client().calls.create(to=AMINA, from_=NUMBER, url=f"{on.public_url}/voice", timeout=60)
    on.settled()
    on.fail(on="send", do="delay", seconds=60)
    on.client().messages.create(to=AMINA, from_=NUMBER, body="hello")
    assert on.get("/log")["busy"] > 0
    on.post("/reset")
    log = on.get("/log")
    assert (log["calls"], log["messages"], log["busy"]) == ([], [], 0)


def test_the_page_loads_nothing_from_elsewhere_and_runs_no_inline_script(on: Stage) -> None:
    status, headers, page = fetch(on, "/phones")
    assert status == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page)
    files = re.findall(r'(?:src|href)="(/phones/[^"]+)"', page)
    files += [f"/phones/{name}.js" for name in ("api", "call", "handset", "speech")]
    for path in files:
        status, _, text = fetch(on, path)
        assert status == 200
        assert not re.search(r"https?://", text)


def test_one_handset_may_be_framed_by_local_pages_only(on: Stage) -> None:
    _, headers, page = fetch(on, "/phones?number=%2B46701740605&embed=1")
    ancestors = re.search(r"frame-ancestors ([^;]+)", headers["Content-Security-Policy"])
    assert ancestors
    assert ancestors[1] == "'self' http://127.0.0.1:* http://localhost:*"
    assert f'data-only="{AMINA}"' in page
    assert "<h1>" not in page


def test_the_services_pages_may_use_the_handsets_and_others_may_not(on: Stage) -> None:
    path = "/phones/api/numbers"
    _, allowed, _ = fetch(on, path, "OPTIONS", Origin=on.public_url)
    assert allowed["Access-Control-Allow-Origin"] == on.public_url
    assert "POST" in allowed["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Origin" not in fetch(on, path, Origin="https://example.org")[1]


def test_a_file_outside_the_page_is_not_served(on: Stage) -> None:
    assert fetch(on, "/phones/..%2Fapp.py")[0] == 404
