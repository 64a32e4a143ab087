"""A table client that counts what DynamoDB would bill, by sizing every item itself.

The embedded engine counts each read as one unit whatever its size, so the figures come from the documented rules:
an item is as large as its names and values; a write is 1 unit a begun kilobyte of the larger of its old and new
form, and again for every index whose entry is put (1), changed (1), moved (2) or taken out (1); a read is 1 unit a
begun 4 kB, half when eventual, a query is sized as a whole; a condition that fails costs what the write would have.
Source: Amazon DynamoDB Developer Guide, "Capacity unit consumption", "Item sizes and formats", "Global secondary
indexes: write capacity".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from botocore.exceptions import ClientError

Item = Mapping[str, Any]  # attribute -> {"S": "…"}


@dataclass(slots=True)
class Bill:
    """What was spent, and on which requests."""

    write: float = 0
    read: float = 0
    requests: list[str] = field(default_factory=list)


class Counting:
    """A boto3 DynamoDB client that passes everything on and keeps the bill. For one caller at a time."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        described = client.describe_table(TableName=table)["Table"]
        self._indexes = {index["IndexName"]: index for index in described["GlobalSecondaryIndexes"]}
        self._key = [part["AttributeName"] for part in described["KeySchema"]]
        self.exceptions = client.exceptions
        self.bill = Bill()

    def get_item(self, **asked: Any) -> Any:
        answer = self._client.get_item(**asked)
        self._read("get", asked["Key"], [answer.get("Item", {})], bool(asked.get("ConsistentRead")))
        return answer

    def query(self, **asked: Any) -> Any:
        answer = self._client.query(**asked)
        found = answer.get("Items")
        if found is None:  # Select="COUNT" reads the same items, and does not show them
            found = self._client.query(**{k: v for k, v in asked.items() if k != "Select"})["Items"]
        self._read("query", asked["ExpressionAttributeValues"], found, bool(asked.get("ConsistentRead")))
        return answer

    def put_item(self, **asked: Any) -> Any:
        return self._write("put", self._client.put_item, asked, asked["Item"])

    def update_item(self, **asked: Any) -> Any:
        return self._write("update", self._client.update_item, asked, asked["Key"])

    def delete_item(self, **asked: Any) -> Any:
        return self._write("delete", self._client.delete_item, asked, asked["Key"])

    def _read(self, what: str, named: Item, items: Iterable[Item], strong: bool) -> None:
        units = max(1, ceil(sum(map(size, items)) / 4096)) * (1 if strong else 0.5)
        self.bill.read += units
        self.bill.requests.append(f"{what} {label(named)} {units:g}R")

    def _write(self, what: str, request: Any, asked: Item, names: Item) -> Any:
        old = self._stored(asked["TableName"], names)
        try:
            answer = request(**asked)
        except ClientError:
            self._written(what, names, old, old, " refused")
            raise
        self._written(what, names, old, self._stored(asked["TableName"], names), "")
        return answer

    def _stored(self, table: str, item: Item) -> Item:
        """The item as it lies there, at nobody's cost."""
        key = {name: item[name] for name in self._key}
        found: Item = self._client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
        return found

    def _written(self, what: str, named: Item, old: Item, new: Item, how: str) -> None:
        base = kilobytes(max(size(old), size(new)))
        moved = {name: self._index(name, old, new) for name in self._indexes}
        units = base + sum(moved.values())
        self.bill.write += units
        told = "".join(f" +{cost:g} {name}" for name, cost in moved.items() if cost)
        self.bill.requests.append(f"{what} {label(named)}{how} {base}W{told} ({size(new)} B)")

    def _index(self, name: str, old: Item, new: Item) -> float:
        before, after = self._entry(name, old), self._entry(name, new)
        if before == after:
            return 0
        keys = [part["AttributeName"] for part in self._indexes[name]["KeySchema"]]
        if before and after and all(before[key] == after[key] for key in keys):
            return kilobytes(max(size(before), size(after)))
        return sum(kilobytes(size(entry)) for entry in (before, after) if entry)

    def _entry(self, name: str, item: Item) -> Item:
        """The item's line in the index: empty when it lacks one of the index's keys."""
        index = self._indexes[name]
        keys = [part["AttributeName"] for part in index["KeySchema"]]
        if any(key not in item for key in keys):
            return {}
        projected = {*keys, *self._key, *index["Projection"].get("NonKeyAttributes", ())}
        return {attribute: value for attribute, value in item.items() if attribute in projected}


def kilobytes(length: int) -> int:
    return max(1, ceil(length / 1024))


def size(item: Item) -> int:
    """Bytes of an item: names in UTF-8 and values."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Mapping[str, Any]) -> int:
    """Bytes of one value: `{"S": "abc"}` is 3."""
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return len(str(held).encode())
        case "B":
            return len(held)
        case "N":
            digits = str(held).lstrip("-").replace(".", "").strip("0")
            return ceil(len(digits) / 2) + 1 + str(held).startswith("-")
        case "L":
            return 3 + sum(1 + value_size(each) for each in held)
        case "M":
            return 3 + sum(1 + len(name.encode()) + value_size(each) for name, each in held.items())
    return 1  # BOOL and NULL


def label(named: Item) -> str:
    """What a request was about: its partition, without the id."""
    first = named.get("pk") or next(iter(named.values()))
    return str(first["S"]).partition("#")[0]
