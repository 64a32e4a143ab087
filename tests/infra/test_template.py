"""What is deployed, as the templates say: who may do what, what survives, what is watched."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra import package, stage, template, values, watch
from infra.command import OpsError
from infra.local.engine import ROOT
from infra.stage import Stage

Json = dict[str, Any]
HERE = "eu-north-1:123456789012"
GIVEN = {
    "Key": f"arn:aws:kms:{HERE}:key/11111111-1111-4111-8111-111111111111",
    "PublicUrl": "https://survey.example",
    "Certificate": f"arn:aws:acm:{HERE}:certificate/11111111-1111-4111-8111-111111111111",
    "Page": "https://page.example/hook",
    "PageBy": "https",
    "Mail": "ops@example.org",
    "RequestsPerFiveMinutes": 2000,
    "GenesysBus": "aws.partner/genesys.com/cloud/11111111-1111-4111-8111-111111111111/survey",
    "ConnectInstance": f"arn:aws:connect:{HERE}:instance/11111111-1111-4111-8111-111111111111",
    "ConnectStream": f"arn:aws:kinesis:{HERE}:stream/contacts",
}
PUBLISHED = re.compile(r'metric\(\s*f?"([A-Za-z{][^"]*)"(?: if [^"]+ else "(\w+)")?')


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> package.Package:
    return package.build(Path(tmp_path_factory.mktemp("package")) / "out")


@pytest.fixture(scope="module")
def service(made: package.Package) -> Json:
    found: Json = json.loads(made.service.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def records(made: package.Package) -> Json:
    found: Json = json.loads(made.records.read_text(encoding="utf-8"))
    return found


def of_type(document: Json, kind: str) -> dict[str, Json]:
    return {n: r.get("Properties", {}) for n, r in document["Resources"].items() if r["Type"] == kind}


def statements(service: Json) -> Iterator[tuple[str, Json]]:
    for name, role in of_type(service, "AWS::IAM::Role").items():
        for policy in role["Policies"]:
            yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_cloudformation_would_take_both_templates_and_one_with_everything_in_it_switched_on(
    made: package.Package, service: Json, tmp_path: Path
) -> None:
    """Firewall, own domain, own key, both contact centres: every condition holds, all is given that may be."""
    holds = {"Fn::Equals": ["yes", "yes"]}
    given = {
        name: {**parameter, "Default": GIVEN[name]} if name in GIVEN else parameter
        for name, parameter in service["Parameters"].items()
    }
    given["RequestsPerFiveMinutes"]["MinValue"] = 10  # AWS's own; 0 is for no firewall
    whole = {**service, "Conditions": dict.fromkeys(service["Conditions"], holds), "Parameters": given}
    (tmp_path / "whole.json").write_text(json.dumps(whole), encoding="utf-8")
    linter, obvious = Path(sys.prefix, "bin", "cfn-lint"), "W8003"  # "this condition is always true"
    ran = subprocess.run(
        [str(linter), "--regions", "eu-north-1", "--ignore-checks", obvious, "--",
         str(made.service), str(made.records), str(tmp_path / "whole.json")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, "")


def test_no_function_may_do_or_reach_everything(service: Json) -> None:
    found = list(statements(service))
    assert found
    for name, statement in found:
        assert "*" not in listed(statement["Resource"]), name
        assert not [action for action in listed(statement["Action"]) if "*" in action], name


def test_only_what_writes_may_write_and_only_what_sends_may_enqueue(service: Json) -> None:
    may: dict[str, set[str]] = {}
    for name, statement in statements(service):
        may.setdefault(name, set()).update(listed(statement["Action"]))
    assert may["SweepRole"] & {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"} == set()
    assert "sqs:SendMessage" not in may["RefreshRole"]
    assert [name for name, actions in may.items() if "sqs:ReceiveMessage" in actions] == ["SendRole"]
    assert [name for name, actions in may.items() if "connect:DescribeContact" in actions] == ["ConnectRole"]


def test_every_function_has_a_log_that_ends_and_may_write_to_no_other(service: Json) -> None:
    functions = of_type(service, template.FUNCTION)
    for name, properties in functions.items():
        assert properties["LoggingConfig"] == {"LogGroup": {"Ref": f"{name}Logs"}}
        assert service["Resources"][f"{name}Logs"]["Properties"]["RetentionInDays"] == {"Ref": "LogDays"}
    logs = [s["Resource"]["Fn::GetAtt"][0] for _, s in statements(service) if s["Sid"] == "Logs"]
    assert sorted(logs) == sorted(f"{name}Logs" for name in functions)


def test_no_secret_stands_in_the_environment(service: Json) -> None:
    environment = service["Globals"]["Function"]["Environment"]["Variables"]
    assert not values.SECRET & set(environment)
    named = {name.removesuffix("_PARAMETER") for name in environment if name.endswith("_PARAMETER")}
    assert named == {*values.MADE, *values.GIVEN, *values.OPTIONAL, values.PUBLIC_URL}
    assert len(named) <= 10  # so many can be asked for at once


def test_a_failed_message_is_redelivered_without_its_batch_and_not_while_it_is_worked_on(
    service: Json,
) -> None:
    send = service["Resources"]["Send"]["Properties"]
    source = send["Events"]["SendSqsEventSource"]["Properties"]
    assert source["Queue"] == {"Fn::Sub": "${SendQueue.Arn}"}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    queue = service["Resources"]["SendQueue"]["Properties"]
    assert queue["VisibilityTimeout"] >= 6 * send["Timeout"]
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["SendDeadLetters", "Arn"]}


def test_a_call_that_could_not_be_taken_from_an_event_is_kept(service: Json) -> None:
    for name in ("Connect", "Genesys"):
        properties = service["Resources"][name]["Properties"]
        assert properties["DeadLetterQueue"]["TargetArn"] == {"Fn::GetAtt": ["EventDeadLetters", "Arn"]}


def test_the_records_survive_their_stack_and_can_be_brought_back(records: Json, service: Json) -> None:
    table = records["Resources"]["Table"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert records["Resources"]["Key"]["DeletionPolicy"] == "Retain"
    assert not of_type(service, "AWS::DynamoDB::Table")


def test_every_alarm_says_how_and_when_it_tells_and_where_to_read_on(service: Json) -> None:
    found = of_type(service, "AWS::CloudWatch::Alarm")
    assert len(found) >= 15
    for name, alarm in found.items():
        tell, when, _, runbook = alarm["AlarmDescription"].split(" · ")
        assert tell in ("page", "mail"), name
        assert when in ("always", "opening hours"), name
        assert re.fullmatch(r"docs/runbook\.md#[a-z-]+", runbook), name
        assert alarm["AlarmActions"] == [{"Ref": watch.TOPICS[tell]}]


def test_every_alarm_has_its_entry_in_the_runbook() -> None:
    runbook = (ROOT / watch.RUNBOOK).read_text(encoding="utf-8")
    entries = set(re.findall(r"^### ([a-z-]+)$", runbook, re.MULTILINE))
    assert {alarm.runbook.partition("#")[2] for alarm in watch.alarms()} <= entries


def test_what_is_watched_is_what_the_service_measures(service: Json) -> None:
    sources = [
        path.read_text(encoding="utf-8") for path in [*(ROOT / "chalicelib").rglob("*.py"), ROOT / "app.py"]
    ]
    found = {name for text in sources for match in PUBLISHED.findall(text) for name in match if name}
    patterns = [re.sub(r"\{.*\}", "[A-Z][A-Za-z]+", name) for name in found]
    own = {alarm.metric[1] for alarm in watch.alarms() if alarm.metric[0] == watch.OWN}
    graphs = json.loads(service["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])[
        "widgets"
    ]
    own |= {
        line[1] for graph in graphs[1:] for line in graph["properties"]["metrics"] if line[0] == watch.OWN
    }
    assert {name for name in own if not any(re.fullmatch(pattern, name) for pattern in patterns)} == set()


def test_every_alarm_is_on_the_dashboard(service: Json) -> None:
    graphs = json.loads(service["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])[
        "widgets"
    ]
    shown = {arn.removeprefix("${").removesuffix(".Arn}") for arn in graphs[0]["properties"]["alarms"]}
    assert shown == set(of_type(service, "AWS::CloudWatch::Alarm"))


@pytest.mark.parametrize("name", ["local", "dev", "prod"])
def test_the_stages_that_come_along_give_the_templates_what_they_ask_for(
    name: str, service: Json, records: Json
) -> None:
    read = Stage.read(name)
    by_deploy = {"Table", "Key", "Bucket", "Package", "Values", "CarrierUrl"}
    assert set(read.parameters()) | by_deploy == set(service["Parameters"])
    assert set(read.record_parameters()) == set(records["Parameters"])


def test_a_first_dry_run_tells_what_this_stage_would_have(service: Json) -> None:
    kinds = {
        name: set(template.made_of(service, Stage.read(name).parameters())) for name in ("local", "prod")
    }
    assert kinds["prod"] - kinds["local"] == {"AWS::WAFv2::WebACL", "AWS::WAFv2::WebACLAssociation"}
    assert "AWS::ApiGateway::DomainName" not in kinds["prod"]  # until it has a public_url


@pytest.mark.parametrize(
    "text, told",
    [
        ('region = "eu-north-1"', "authority is missing"),
        ('[service]\nauthority = "X"', "region is missing"),
        (
            'region = "eu-north-1"\n[service]\nauthority = "X"\ntimezon = "Europe/Oslo"',
            "'timezon' is not a setting",
        ),
        (
            'region = "eu-north-1"\n[service]\nauthority = "X"\n[options]\npublic_url = "https://x.example"',
            "go together",
        ),
        ("region = ", "cannot be read"),
    ],
)
def test_a_stage_file_with_a_mistake_is_refused_by_name(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(OpsError, match=re.escape(told)):
        Stage.read("mine", tmp_path)


def test_a_stage_nobody_wrote_is_refused_with_those_there_are() -> None:
    with pytest.raises(OpsError, match="dev, local, prod"):
        Stage.read("test")


def test_prod_is_protected_and_has_a_key_and_a_firewall() -> None:
    prod = Stage.read("prod", stage.FOLDER)
    assert prod.record_parameters() == {"Stage": "prod", "Protected": "yes", "OwnKey": "yes"}
    assert int(prod.parameters()["RequestsPerFiveMinutes"]) > 0
