"""The word lists of a `prompts.toml`, read without a TOML parser.

`tomllib` looks at every letter in turn, and most letters stand in the lists: they alone would take longer than
everything else a cold start reads. They hold nothing but plain strings and comments, which lint makes sure of.
"""

import re

_LIST = re.compile(
    r"""^(\w+)\ *=\ *\[( (?: "[^"\n]*+" | \#.*+ | [^]"\#]++ )*+ )\]""", re.MULTILINE | re.VERBOSE
)
_ENTRY = re.compile(r'"([^"\n]*)"|#.*')


def split(toml: str) -> tuple[dict[str, list[str]], str]:
    """The lists, and the file without them."""
    start = toml.find("\n[words]\n") + 1
    end = toml.find("\n[", start) + 1 if start else 0
    lists = {kind: list(filter(None, _ENTRY.findall(all_))) for kind, all_ in _LIST.findall(toml, start, end)}
    return lists, toml[:start] + toml[end:]
