"""`python -m infra import FILE --url URL`: post every call of a .csv or .jsonl file; resumable (docs/sources.md)."""

from collections.abc import Sequence

from infra.sources.__main__ import main as sources


def main(arguments: Sequence[str]) -> int:
    return sources(["import", *arguments])
