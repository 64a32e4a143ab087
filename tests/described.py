"""The description of the API, and whether an answer is as described."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from tests.stage import Answer

FILE = Path(__file__).parent.parent / "chalicelib" / "openapi.json"
DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))
METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}
PROBLEM = "application/problem+json"
Operation = dict[str, Any]


def operations() -> Iterator[tuple[str, str, Operation]]:
    for path, entry in DOCUMENT["paths"].items():
        for method in sorted(METHODS & set(entry)):
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
