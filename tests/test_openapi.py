"""The description of the API says what there is: every route, every part, no more and no less."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app import app
from chalicelib.policy import Policy
from chalicelib.policy_values import problem
from chalicelib.rates import BREAKDOWNS, DIMENSIONS
from chalicelib.sources import POSTED
from tests.described import DOCUMENT, PROBLEM, Operation, mistakes, operations, whole


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


def test_every_breakdown_and_filter_of_the_rates_is_described() -> None:
    parameters = map(whole, DOCUMENT["paths"]["/api/rates"]["get"]["parameters"])
    told = {parameter["name"]: parameter["schema"] for parameter in parameters}
    assert set(told) == {"from", "to", "by", *DIMENSIONS}
    assert tuple(told["by"]["enum"]) == BREAKDOWNS


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
