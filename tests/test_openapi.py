"""The description of the API says what there is: every route, every answer, no more and no less."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from app import app
from chalicelib.policy import Policy
from chalicelib.policy_values import problem
from chalicelib.sources import POSTED
from tests.stage import FORM, Answer, Stage

DOCUMENT = json.loads(Path("chalicelib/openapi.json").read_text(encoding="utf-8"))
METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}
PROBLEM = "application/problem+json"
Operation = dict[str, Any]


def operations() -> Iterator[tuple[str, str, Operation]]:
    for path, entry in DOCUMENT["paths"].items():
        for method in METHODS & set(entry):
            yield method, path, entry[method]


def whole(reference: dict[str, Any]) -> dict[str, Any]:
    """What a reference stands for; itself when it is none."""
    if "$ref" not in reference:
        return reference
    found: Any = DOCUMENT
    for step in reference["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def closed(schema: Any) -> Any:
    """The schema as strict as it can be: a field it does not name is a mistake."""
    if isinstance(schema, list):
        return [closed(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: closed(entry) for name, entry in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        strict.setdefault("additionalProperties", False)
    return strict


@cache
def components() -> Any:
    return closed(DOCUMENT["components"])


def mistakes(schema: Any, value: object) -> list[str]:
    validator = Draft202012Validator(
        {**closed(schema), "components": components()}, format_checker=FormatChecker()
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def check(answer: Answer, method: str, path: str) -> Any:
    """Its body, if it is as described for this operation: status, kind and shape."""
    described = DOCUMENT["paths"][path][method]["responses"]
    assert str(answer.status) in described, (answer.status, answer.body)
    content = whole(described[str(answer.status)]).get("content", {})
    kind = answer.kind.partition(";")[0]
    if not content:
        assert answer.body == b""
        return None
    assert kind in content
    if not kind.endswith("json"):
        return answer.body
    assert mistakes(content[kind]["schema"], answer.json()) == []
    return answer.json()


# --- the document itself ----------------------------------------------------------------------------------


def test_every_route_is_described_and_nothing_else_is() -> None:
    served = {(method.lower(), path) for path, entries in app.routes.items() for method in entries}
    assert {(method, path) for method, path, _ in operations()} == served


def test_it_is_well_formed() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    schemes = set(DOCUMENT["components"]["securitySchemes"])
    for _, _, operation in operations():
        assert set(operation["tags"]) <= tags
        assert {name for need in operation["security"] for name in need} <= schemes


def test_every_reference_leads_somewhere_and_every_part_is_used() -> None:
    told = json.dumps(DOCUMENT, ensure_ascii=False)
    used = {entry.split('"')[1] for entry in told.split('"$ref": ')[1:]}
    for reference in used:
        assert whole({"$ref": reference})
    for kind in ("parameters", "responses", "schemas"):
        for name in DOCUMENT["components"][kind]:
            at = f"#/components/{kind}/{name}"
            assert any(reference == at or reference.startswith(f"{at}/") for reference in used), at


@pytest.mark.parametrize("method, path, operation", list(operations()))
def test_an_operation_names_the_parts_of_its_path_and_what_it_refuses(
    method: str, path: str, operation: Operation
) -> None:
    parameters = [whole(parameter) for parameter in operation.get("parameters", [])]
    in_path = {f"{{{parameter['name']}}}" for parameter in parameters if parameter["in"] == "path"}
    assert in_path == {part for part in path.split("/") if part.startswith("{")}
    answers = {status: whole(answer) for status, answer in operation["responses"].items()}
    assert any(status < "400" for status in answers)
    refusals = {status for status in answers if status >= "400"}
    if "requestBody" in operation:
        assert {"413", "415"} <= refusals
    kind = "text/html" if "pages" in operation["tags"] else PROBLEM
    for status in refusals - {"415"}:
        if path != "/health":
            assert set(answers[status]["content"]) == {kind}


def examples() -> Iterator[tuple[str, Any, Any]]:
    for method, path, operation in operations():
        parts = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (content for part in parts for content in whole(part).get("content", {}).items()):
            if "example" in content[1]:
                yield f"{method} {path} {content[0]}", content[1]["schema"], content[1]["example"]


@pytest.mark.parametrize("name, schema, example", list(examples()))
def test_an_example_is_what_its_schema_says(name: str, schema: Any, example: Any) -> None:
    assert mistakes(schema, example) == []


def test_every_source_is_described() -> None:
    [source] = DOCUMENT["paths"]["/webhooks/{source}"]["post"]["parameters"]
    assert set(source["schema"]["enum"]) == set(POSTED)


def test_every_setting_is_described() -> None:
    assert set(DOCUMENT["components"]["schemas"]["Policy"]["properties"]) == set(asdict(Policy()))
    assert mistakes({"$ref": "#/components/schemas/Policy"}, json.loads(json.dumps(asdict(Policy())))) == []


VALUES: list[Any] = [
    *(-1, 0, 1, 7, 10, 11, 48, 49, 100, 101, 400, 401, 3600, 3601, 10_000, 10_001, 86_400, 86_401),
    *(10_000_000, 10_000_001, True, False, None, 0.5, 1.5),
    *("", "live", "on", "one_by_one", "ask", "sv", "SV", "08:00-16:00", "8-16", "25:00-26:00"),
    *([], {}, [1], [0], [8], ["sv"], ["SE"], ["all"], ["queue:permits"], ["everything"], ["permits"], [5]),
    *({"": True}, {"": 0.5}, {"": 2}, {"": "sv"}, {"": "08:00-16:00"}, {"": "0770-000 000"}, {"": 7}),
]  # fmt: skip


@pytest.mark.parametrize("setting", sorted(asdict(Policy())))
def test_a_setting_takes_what_its_description_allows(setting: str) -> None:
    """Phone numbers on the allow-list are turned into keys before they are looked at."""
    schema = {"$ref": f"#/components/schemas/Policy/properties/{setting}"}
    for value in VALUES if setting != "allow_list" else []:
        assert (mistakes(schema, value) == []) is (problem(setting, value) is None), value


# --- what is really answered ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def talked(stage: Stage) -> Mapping[str, Any]:
    """A caller who answered, was not helped, and is to be called back; one by voice; one never invited."""
    stage.daytime()
    caller, landline = stage.mobile(), stage.landline()
    calls = [stage.post_call(caller), stage.post_call(landline), stage.post_call(None)]
    stage.ahead(seconds=5)
    for reply in ("1", "3", "2", "1"):
        stage.reply(caller, reply)
    assert stage.rung(landline)
    stage.line(landline, "answer")
    stage.line(landline, "press", digits="1121")
    stage.settled()
    stage.tick()
    return {"survey": calls[0]["survey_id"], "calls": [call["call_id"] for call in calls]}


def read(stage: Stage, path: str, query: str = "") -> Any:
    return check(stage.ask("GET", path + query, None, stage.bearer), "get", path)


@pytest.mark.usefixtures("talked")
@pytest.mark.parametrize(
    "by", ["", *(f"?by={name}" for name in ("day", "week", "team", "queue", "language", "wave"))]
)
def test_rates_are_as_described(stage: Stage, by: str) -> None:
    assert read(stage, "/api/rates", by)["groups"]


def test_calls_are_as_described(stage: Stage, talked: Mapping[str, Any]) -> None:
    assert read(stage, "/api/calls")["calls"]
    for call_id in talked["calls"]:
        answer = stage.ask("GET", f"/api/calls/{quote(call_id)}", None, stage.bearer)
        assert check(answer, "get", "/api/calls/{call_id}")["call_id"] == call_id


@pytest.mark.usefixtures("talked")
def test_responses_are_as_described(stage: Stage) -> None:
    assert read(stage, "/api/responses")["responses"]
    assert read(stage, "/api/responses", "?format=csv").startswith(b"survey_id,")


def test_callbacks_are_as_described_held_or_not(stage: Stage, talked: Mapping[str, Any]) -> None:
    assert read(stage, "/api/callbacks")["callbacks"]
    for verb, owner, status in (("claim", "Anna", 200), ("claim", "Yusuf", 409), ("cheer", "Anna", 404)):
        answer = act(stage, talked["survey"], verb, {"owner": owner})
        assert answer.status == status
        assert ("number" in check(answer, "post", "/api/callbacks/{callback_id}/{verb}")) is (status == 200)
    for verb, body in (
        ("attempt", {"owner": "Anna", "outcome": "busy"}),
        ("claim", {}),
        ("reach", {}),
        ("resolve", {}),
    ):
        assert check(act(stage, talked["survey"], verb, body), "post", "/api/callbacks/{callback_id}/{verb}")
    assert read(stage, "/api/callbacks", "?state=resolved")["callbacks"]


def act(stage: Stage, callback: str, verb: str, body: object) -> Answer:
    headers = stage.bearer | {"Content-Type": "application/json"}
    return stage.ask("POST", f"/api/callbacks/{callback}/{verb}", json.dumps(body).encode(), headers)


def test_settings_health_and_this_document_are_as_described(stage: Stage) -> None:
    headers = stage.bearer | {"Content-Type": "application/json"}
    for status, change in ((200, {"callback_capacity": 21}), (422, {"callback_capacity": "many"}), (422, {})):
        answer = stage.ask("PUT", "/api/settings", json.dumps(change).encode(), headers)
        assert answer.status == status
        check(answer, "put", "/api/settings")
    assert read(stage, "/api/settings")["history"]
    check(stage.ask("GET", "/health"), "get", "/health")
    assert stage.api("/api/openapi.json") == DOCUMENT


def test_the_decision_about_a_call_is_as_described(stage: Stage) -> None:
    report = stage.call(stage.mobile())
    bad = [(report | {"ended_at": "soon"}, 422), (report, 202), (report, 200)]
    for sent, status in bad:
        answer = stage.post(sent)
        assert answer.status == status
        check(answer, "post", "/webhooks/calls")
    check(
        stage.ask("POST", "/webhooks/calls", b"{}", {"Content-Type": "application/json"}),
        "post",
        "/webhooks/calls",
    )
    check(
        stage.ask("POST", "/webhooks/calls", b" " * 70_000, {"Content-Type": "application/json"}),
        "post",
        "/webhooks/calls",
    )
    check(
        stage.ask("POST", "/webhooks/calls", b"<a/>", {"Content-Type": "text/xml"}), "post", "/webhooks/calls"
    )


@pytest.mark.parametrize(
    "path", sorted(path for path in DOCUMENT["paths"] if path.startswith("/webhooks/twilio/"))
)
def test_what_twilio_is_answered_is_as_described(stage: Stage, path: str) -> None:
    there = path.replace("{survey_id}", "a" * 26).replace("{attempt}", "1").replace("{question}", "time-1")
    form = {
        "CallSid": "CA" + "0" * 32,
        "MessageSid": "SM" + "0" * 32,
        "CallStatus": "ringing",
        "From": stage.mobile(),
    }
    answer = stage.twilio(there, form)
    assert answer.status < 300
    check(answer, "post", path)
    unsigned = stage.ask("POST", there, b"Body=1", {"Content-Type": FORM})
    assert unsigned.status == 403
    check(unsigned, "post", path)


@pytest.mark.parametrize(
    "path", ["/", "/callbacks", "/calls", "/remarks", "/settings", "/sign-in", "/static/{name}"]
)
def test_a_page_is_as_described(stage: Stage, path: str) -> None:
    check(stage.ask("GET", path.replace("{name}", "none.css")), "get", path)
