"""The service's template: what Chalice makes, `infra/resources.json` laid over it, alarms, a log for each function.

Mappings merge and lists replace. It is one file for every stage; what differs between stages are its parameters.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra import watch

RESOURCES = Path(__file__).with_name("resources.json")
RECORDS = Path(__file__).with_name("records.json")
MADE = {"cloudformation": "sam.json", "terraform": "chalice.tf.json"}  # by Chalice, by the form asked for
FUNCTION = "AWS::Serverless::Function"
ZIP = {"Bucket": {"Ref": "Bucket"}, "Key": {"Ref": "Package"}}
Json = dict[str, Any]


def service(made: Json) -> Json:
    """The whole template from Chalice's."""
    whole: Json = laid_over(made, json.loads(RESOURCES.read_text(encoding="utf-8")))
    whole["Resources"] |= watch.resources()
    for name in [name for name, resource in whole["Resources"].items() if resource.get("Type") == FUNCTION]:
        properties = whole["Resources"][name]["Properties"]
        properties |= {"CodeUri": ZIP, "LoggingConfig": {"LogGroup": {"Ref": f"{name}Logs"}}}
        whole["Resources"][f"{name}Logs"] = logs(properties["Handler"])
    whole["Outputs"] = {
        name: output for name, output in whole["Outputs"].items() if name not in made["Outputs"]
    }
    return whole


def table_alone(records: Json) -> Json:
    """The records' template as an import takes it: nothing but what is imported, and no outputs."""
    table = records["Resources"]["Table"]
    table = {**table, "Properties": {**table["Properties"], "SSESpecification": {"SSEEnabled": True}}}
    return {
        **{name: part for name, part in records.items() if name != "Outputs"},
        "Resources": {"Table": table},
    }


def made_of(document: Json, parameters: Mapping[str, str]) -> Iterator[str]:
    """The type of every resource that is made with these parameters."""
    defaults = {name: each.get("Default", "") for name, each in document["Parameters"].items()}
    given = {**defaults, **parameters}
    for resource in document["Resources"].values():
        if "Condition" not in resource or holds(document["Conditions"][resource["Condition"]], given):
            yield resource["Type"]


def holds(condition: Json, given: Mapping[str, Any]) -> bool:
    """The two kinds of condition there are: that a parameter is something, or that it is not."""
    match condition:
        case {"Fn::Not": [inner]}:
            return not holds(inner, given)
        case {"Fn::Equals": [{"Ref": name}, value]}:
            return str(given[name]) == str(value)
    raise ValueError(f"a condition of another kind: {condition}")


def laid_over(below: Any, above: Any) -> Any:
    """`above`, with what of `below` it does not say otherwise."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    shared = {name: laid_over(below[name], above[name]) for name in below.keys() & above.keys()}
    return {**below, **above, **shared}


def logs(handler: str) -> Json:
    """A group of its own, gone with the stack: `/aftercall/prod/send`."""
    name = {"Fn::Sub": f"/aftercall/${{Stage}}/{handler.removeprefix('app.')}"}
    return {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": name, "RetentionInDays": {"Ref": "LogDays"}},
    }
