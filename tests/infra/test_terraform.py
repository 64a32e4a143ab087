"""The Terraform form: whole, nothing of CloudFormation left in it, every reference to something that is there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra import terraform
from infra.terraformed import FUNCTIONS

Json = dict[str, Any]
REFERENCE = re.compile(r"(data\.)?\b(aws_\w+|var|local)\.([\w-]+)")


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Json:
    folder = terraform.build(Path(tmp_path_factory.mktemp("terraform")) / "out")
    assert {file.name for file in folder.iterdir()} == {"main.tf.json", "deployment.zip"}
    made: Json = json.loads((folder / "main.tf.json").read_text(encoding="utf-8"))
    return made


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def interpolations(document: Json) -> Iterator[str]:
    for text in texts(document):
        yield from re.findall(r"\$\{([^}]+)\}", text)


def test_every_reference_is_to_something_that_is_there(document: Json) -> None:
    there = {f"var.{name}" for name in document["variable"]} | {
        f"local.{name}" for name in document["locals"]
    }
    there |= {f"{kind}.{name}" for kind, made in document["resource"].items() for name in made}
    there |= {f"data.{kind}.{name}" for kind, made in document["data"].items() for name in made}
    asked = {
        f"{data}{kind}.{name}"
        for text in interpolations(document)
        for data, kind, name in REFERENCE.findall(text)
    }
    assert asked
    assert asked - there == set()


def test_nothing_of_cloudformation_is_left(document: Json) -> None:
    whole = json.dumps(document)
    assert "Fn::" not in whole
    assert "AWS::" not in whole


def test_every_function_has_its_settings_its_log_and_its_own_permissions(document: Json) -> None:
    functions = document["resource"]["aws_lambda_function"]
    assert set(functions) == set(FUNCTIONS.values())
    for name, function in functions.items():
        assert (
            function["environment"]["variables"]["PHONE_KEY_PARAMETER"] == "/aftercall/${var.stage}/PHONE_KEY"
        )
        assert function["role"] == f"${{aws_iam_role.{name}_role.arn}}"
        policy = json.loads(document["resource"]["aws_iam_role_policy"][f"{name}_role"]["policy"])
        logs = next(statement for statement in policy["Statement"] if statement["Sid"] == "Logs")
        assert logs["Resource"] == f"${{aws_cloudwatch_log_group.{name}.arn}}:*"


def test_the_records_survive(document: Json) -> None:
    table = document["resource"]["aws_dynamodb_table"]["records"]
    assert table["lifecycle"] == {"prevent_destroy": True}
    assert (table["hash_key"], table["range_key"]) == ("pk", "sk")
    assert [index["name"] for index in table["global_secondary_index"]] == ["due", "hours", "lists"]
