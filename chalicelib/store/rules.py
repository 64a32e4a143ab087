"""The live rules, and what they were."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.dataclass import dataclass
from chalicelib.store.dynamo import Item, Table
from chalicelib.store.records import instant

LIVE = {"pk": "policy", "sk": "policy"}
NEW_OR_UNCHANGED = "attribute_not_exists(version) OR version = :seen"

Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Rules:
    table: Table

    def live(self) -> Mapping[str, Any]:
        return _rules(self.table.get(LIVE))

    def history(self, limit: int = 50) -> Sequence[Item]:
        found = self.table.query("pk = :p AND begins_with(sk, :h)", p="policy", h="history#")
        return [{**entry, "rules": json.loads(entry["rules"])} for entry in list(found)[-limit:][::-1]]

    def change(self, change: Change, who: str, at: datetime) -> bool:
        """Put what `change` makes of the rules in their place. False when someone else changed them meanwhile."""
        item = self.table.get(LIVE, strong=True) or {}
        seen, rules = int(item.get("version", 0)), json.dumps(dict(change(_rules(item))))
        entry = {"rules": rules, "who": who, "changed_at": instant(at)}
        noted = {"pk": "policy", "sk": f"history#{instant(at)}#{secrets.token_hex(3)}"}
        self.table.put(noted | entry)  # first: rather a change too many in the history than one too few
        if self.table.put(LIVE | entry | {"version": seen + 1}, NEW_OR_UNCHANGED, seen=seen):
            return True
        self.table.delete(noted)
        return False


def _rules(item: Item | None) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = json.loads(item["rules"]) if item else {}
    return rules
