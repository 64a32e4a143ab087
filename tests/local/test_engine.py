"""The embedded engine: durable, taken over, made from the deployed definitions."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.local import engine as local
from infra.local import processes
from tests.engine_fixture import Engine

KEY = {"pk": {"S": "survey#1"}, "sk": {"S": "survey"}}


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    if running := processes.left_over("engine", tmp_path):
        processes.stop(running, within=5)


def opened(data: Path) -> tuple[processes.Running, Any, Any, str]:
    running = local.bring_up(data)
    url = local.prepare(local.url(running), "aftercall", "aftercall-send")
    return running, local.dynamodb(local.url(running)), local.sqs(local.url(running)), url


def add_one(table: Any) -> None:
    table.update_item(
        TableName="aftercall",
        Key=KEY,
        UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )


def kept(table: Any) -> Any:
    return table.get_item(TableName="aftercall", Key=KEY).get("Item")


def kill(running: processes.Running) -> None:
    os.kill(running.pid, signal.SIGKILL)
    assert not processes.ask(running, signal.SIGKILL, 5) or not running.alive()


def test_a_killed_engine_keeps_every_acknowledged_write_of_many_at_once(data: Path) -> None:
    running, table, _, _ = opened(data)
    with ThreadPoolExecutor(max_workers=8) as pool:
        for write in [pool.submit(add_one, table) for _ in range(100)]:
            write.result()
    kill(running)
    _, table, _, _ = opened(data)
    assert kept(table)["n"] == {"N": "100"}


def test_what_was_written_before_a_clean_stop_and_after_it_adds_up(data: Path) -> None:
    """The snapshot holds the first write and the journal the second: neither is played twice."""
    for _ in range(3):
        running, table, _, _ = opened(data)
        add_one(table)
        assert processes.stop(running, within=10)
        running, table, _, _ = opened(data)
        add_one(table)
        kill(running)
    _, table, _, _ = opened(data)
    assert kept(table)["n"] == {"N": "6"}


def test_a_refused_write_is_not_played_back(data: Path) -> None:
    running, table, _, _ = opened(data)
    for text in ("first", "second"):
        try:
            table.put_item(
                TableName="aftercall",
                Item={**KEY, "text": {"S": text}},
                ConditionExpression="attribute_not_exists(pk)",
            )
        except table.exceptions.ConditionalCheckFailedException:
            continue
    kill(running)
    _, table, _, _ = opened(data)
    assert kept(table)["text"] == {"S": "first"}


def test_deleted_stays_deleted_and_transactions_are_whole(data: Path) -> None:
    running, table, _, _ = opened(data)
    other = {"pk": {"S": "caller#1"}, "sk": {"S": "caller"}}
    puts = [{"Put": {"TableName": "aftercall", "Item": item}} for item in (KEY, other)]
    table.transact_write_items(TransactItems=puts)
    table.delete_item(TableName="aftercall", Key=KEY)
    kill(running)
    _, table, _, _ = opened(data)
    assert kept(table) is None
    assert table.get_item(TableName="aftercall", Key=other)["Item"] == other


def test_a_journal_line_cut_short_by_the_kill_does_no_harm(data: Path) -> None:
    running, table, _, _ = opened(data)
    add_one(table)
    kill(running)
    with (data / "engine" / "0" / "journal").open("a", encoding="utf-8") as journal:
        journal.write('[[["x-amz-target", "DynamoDB_2012')
    _, table, _, _ = opened(data)
    add_one(table)
    assert kept(table)["n"] == {"N": "2"}


def test_a_clean_stop_keeps_the_queue(data: Path) -> None:
    running, _, queues, url = opened(data)
    queues.send_message(QueueUrl=url, MessageBody="send survey 1")
    assert processes.stop(running, within=10)
    _, _, queues, url = opened(data)
    assert queues.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "send survey 1"


def test_an_engine_that_outlived_its_launcher_is_used_as_it_is(data: Path) -> None:
    first, table, _, _ = opened(data)
    add_one(table)
    second, table, _, _ = opened(data)
    assert second.pid == first.pid
    assert kept(table)["n"] == {"N": "1"}


def test_the_local_table_is_the_deployed_one(engine: Engine) -> None:
    made = engine.dynamodb.describe_table(TableName=engine.table)["Table"]
    assert local.shape(made) == local.shape(local.definitions()["Table"])
    assert {index["IndexName"] for index in made["GlobalSecondaryIndexes"]} == {"due", "hours", "lists"}


def test_a_table_of_another_version_is_said_not_used(engine: Engine) -> None:
    definition = local.definitions()["Table"]
    fewer = {**definition, "GlobalSecondaryIndexes": definition["GlobalSecondaryIndexes"][:2]}
    with pytest.raises(local.EngineError, match="clean-local"):
        local.create_table(engine.dynamodb, engine.table, fewer)


def test_a_message_refused_five_times_goes_to_the_dead_letters(engine: Engine) -> None:
    attributes = engine.sqs.get_queue_attributes(QueueUrl=engine.queue_url, AttributeNames=["All"])[
        "Attributes"
    ]
    assert attributes["VisibilityTimeout"] == "180"
    assert '"maxReceiveCount": 5' in attributes["RedrivePolicy"]
    assert f"{engine.table}-send-dead" in attributes["RedrivePolicy"]
