"""A thin DynamoDB client: plain values in and out, a failed condition as `False`, one request a call."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
NEW = "attribute_not_exists(pk) OR #expiry <= :now"
EXPIRY = {"#expiry": "ttl"}  # a word that expressions may not use
_to, _from = TypeSerializer().serialize, TypeDeserializer().deserialize


class Table:
    """Requests on one table. Reads are eventual unless asked otherwise: every write checks a version.

    What is past its `ttl` is gone, although DynamoDB may take days to delete it. An index does not know the `ttl`.
    """

    def __init__(self, client: "DynamoDBClient", name: str, now: Callable[[], datetime]) -> None:
        self._client, self._name, self._now = client, name, now

    def get(self, key: Item, strong: bool = False) -> Item | None:
        answer = self._client.get_item(TableName=self._name, Key=_encoded(key), ConsistentRead=strong)
        item = _decoded(answer["Item"]) if "Item" in answer else None
        return None if item is None or expired(item, self._now()) else item

    def add(self, item: Item) -> bool:
        """False when there is one already."""
        return self.put(item, NEW, now=int(self._now().timestamp()))

    def put(self, item: Item, condition: str = "", **values: Any) -> bool:
        """False when the condition did not hold; nothing is stored then."""
        arguments: Item = {"TableName": self._name, "Item": _encoded(item)}
        return self._unless_refused(self._client.put_item, arguments, condition, values)

    def update(self, key: Item, change: str, condition: str = "", **values: Any) -> bool:
        arguments: Item = {"TableName": self._name, "Key": _encoded(key), "UpdateExpression": change}
        return self._unless_refused(self._client.update_item, arguments, condition, values)

    def delete(self, key: Item, condition: str = "", **values: Any) -> bool:
        arguments: Item = {"TableName": self._name, "Key": _encoded(key)}
        return self._unless_refused(self._client.delete_item, arguments, condition, values)

    def query(
        self, condition: str, index: str | None = None, strong: bool = False, **values: Any
    ) -> Iterator[Item]:
        """Every item, page by page. An index cannot be read strongly."""
        arguments: Item = {"TableName": self._name, "KeyConditionExpression": condition, **_values(values)}
        if index:
            arguments["IndexName"] = index
        if strong:
            arguments["ConsistentRead"] = True
        while True:
            page = self._client.query(**arguments)
            now = self._now()
            yield from (item for item in map(_decoded, page["Items"]) if not expired(item, now))
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def last(self, condition: str, index: str, limit: int, **values: Any) -> list[Item]:
        """At most `limit` of the index, last first."""
        arguments: Item = {"TableName": self._name, "IndexName": index, "KeyConditionExpression": condition}
        page = self._client.query(**arguments, ScanIndexForward=False, Limit=limit, **_values(values))
        return [_decoded(item) for item in page["Items"]]

    def count(self, condition: str, index: str, **values: Any) -> int:
        arguments: Item = {"TableName": self._name, "IndexName": index, "KeyConditionExpression": condition}
        return int(self._client.query(**arguments, Select="COUNT", **_values(values))["Count"])

    def reachable(self) -> bool:
        self._client.get_item(TableName=self._name, Key=_encoded({"pk": "policy", "sk": "policy"}))
        return True

    def _unless_refused(self, request: Any, arguments: Item, condition: str, values: Item) -> bool:
        if condition:
            arguments["ConditionExpression"] = condition
        if "#expiry" in condition + arguments.get("UpdateExpression", ""):
            arguments["ExpressionAttributeNames"] = EXPIRY
        try:
            request(**arguments, **_values(values))
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def expired(item: Item, now: datetime) -> bool:
    return "ttl" in item and item["ttl"] <= now.timestamp()


def _values(values: Item) -> Item:
    return (
        {"ExpressionAttributeValues": {f":{name}": _to(value) for name, value in values.items()}}
        if values
        else {}
    )


def _encoded(item: Item) -> Item:
    return {name: _to(value) for name, value in item.items()}


def _decoded(item: Item) -> Item:
    return {name: _from(value) for name, value in item.items()}
