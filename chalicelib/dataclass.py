"""`dataclass` at a quarter of its cost. A container makes sixty classes before its first answer.

The standard decorator compiles up to six functions for each class: with Python 3.11 a third of what importing the
service took, 65 of 195 ms. Here `__init__` alone is compiled, and the rest is the same for every class. Type checkers
see the standard one, and it is they who see to it that nobody sets a field of a frozen object.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, slots: bool, frozen: bool = False) -> Callable[[type], type]:
        """As in the standard library, whose `replace`, `fields` and `asdict` know these classes."""

        def made(cls: type) -> type:
            cls = dataclasses.dataclass(cls, slots=slots, eq=False, repr=False)
            cls.__eq__, cls.__repr__ = _equal, _written
            cls.__hash__ = _hash if frozen else None
            return cls

        return made


def _values(of: Any) -> tuple[object, ...]:
    return tuple([getattr(of, name) for name in of.__match_args__])


def _equal(self: object, other: object) -> bool:
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def _hash(self: object) -> int:
    return hash(_values(self))


def _written(self: Any) -> str:
    fields = zip(self.__match_args__, _values(self), strict=True)
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in fields)})"
