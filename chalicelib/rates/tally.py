"""How often each ending occurred, and the few bytes a day of it is kept in."""

import json
import zlib
from collections import Counter
from collections.abc import Iterable

from chalicelib.rates.ending import SEPARATOR

Tally = Counter[str]  # encoded ending -> calls


def pack(tally: Tally) -> bytes:
    """Equal tallies give equal bytes, so what has not changed need not be written.

    A column per field, each a list of its names and the row's index into them; sorted from the last field
    to the first, the most regular one, equal neighbours compress to almost nothing. 1,200 calls of
    20 teams, 3 queues and 15 languages take 2.5 kB, a seventh of the codes themselves.
    """
    rows = sorted((*reversed(code.split(SEPARATOR)), calls) for code, calls in tally.items() if calls)
    *columns, counts = zip(*rows, strict=True) if rows else ((),)
    body = [[_indexed(column) for column in columns], counts]
    return zlib.compress(json.dumps(body, separators=(",", ":")).encode(), 9)


def unpack(packed: bytes) -> Tally:
    """The tally that was packed."""
    columns, counts = json.loads(zlib.decompress(packed))
    named = [[names[index] for index in indexes] for names, indexes in columns]
    return Counter({SEPARATOR.join(reversed(row)): calls for *row, calls in zip(*named, counts, strict=True)})


def _indexed(column: Iterable[str]) -> tuple[list[str], list[int]]:
    values = list(column)
    names = sorted(set(values))
    place = {name: index for index, name in enumerate(names)}
    return names, [place[value] for value in values]
