"""µ-law (ITU-T G.711, table 2): a sample of 14 bits in one byte, fine steps near silence, coarse ones where it is loud.

Eight segments of sixteen steps, each segment's steps twice as wide as the last one's. Bytes go out inverted.
"""

from array import array
from bisect import bisect_right
from functools import cache

# The values a byte can stand for, smallest first, and the borders between them: 0, 2, 4 … 8031 and 1, 3, 5 … 7903.
_VALUES = [((2 * step + 33) << segment) - 33 for segment in range(8) for step in range(16)]
_BORDERS = [((2 * step + 32) << segment) - 33 for segment in range(8) for step in range(16)][1:]


def encoded(samples: "array[int]") -> bytes:
    """One byte for each 16-bit sample."""
    table = _table()
    return bytes([table[sample] for sample in samples])


@cache
def _table() -> list[int]:
    """The byte of every sample; a negative sample finds its own from the end, as Python counts."""
    return [_byte(sample) for sample in range(0x8000)] + [_byte(sample) for sample in range(-0x8000, 0)]


def _byte(sample: int) -> int:
    size = bisect_right(_BORDERS, abs(sample) >> 2)
    return (0x7F if sample < 0 else 0xFF) - size


def decoded(code: int) -> int:
    """The 16-bit sample a byte stands for."""
    size = _VALUES[0x7F - (code & 0x7F)] << 2
    return size if code & 0x80 else -size
