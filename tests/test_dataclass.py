"""Our cheaper `dataclass` makes what the standard one makes."""

import dataclasses
from typing import Any

import pytest

from chalicelib.dataclass import dataclass


def made(by: Any, frozen: bool) -> Any:
    class Point:
        """A place."""

        x: int
        y: tuple[int, ...] = ()
        kinds: list[str] = dataclasses.field(default_factory=list)

    Point.__qualname__ = "Point"
    return by(frozen=frozen, slots=True)(Point)


@pytest.mark.parametrize("frozen", [True, False])
def test_a_record_is_shown_compared_and_copied_as_a_standard_one(frozen: bool) -> None:
    ours, standard = made(dataclass, frozen), made(dataclasses.dataclass, frozen)
    assert repr(ours(1, (2,))) == repr(standard(1, (2,))) == "Point(x=1, y=(2,), kinds=[])"
    assert ours(1) == ours(1) != ours(2)
    assert ours(1) != standard(1)
    assert dataclasses.replace(ours(1), y=(3,)) == ours(1, (3,))
    assert dataclasses.asdict(ours(1)) == dataclasses.asdict(standard(1))
    with pytest.raises(AttributeError):
        ours(1).z = 2


def test_only_a_frozen_record_has_a_hash() -> None:
    point = made(dataclass, frozen=True)
    one, other = point(1, (), "s"), point(2, (), "s")
    assert len({one, other, dataclasses.replace(other, x=1)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(made(dataclass, frozen=False)(1))
