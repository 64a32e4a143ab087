"""Each text as it will arrive, with its parts and price; on the terminal, or as a page that shows right-to-left."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from chalicelib.segments import Segments, segments
from infra.prompts.form import Table, arrived, heard


@dataclass(frozen=True, slots=True)
class Shown:
    """One text, filled in."""

    key: str
    text: str
    cost: Segments | None  # None for what is spoken


def shown(raw: Table) -> Iterator[Shown]:
    """Every text of a language, SMS first."""
    for key, text in raw["sms"].items():
        full = arrived(key, text, raw)
        yield Shown(f"sms.{key}", full, segments(full))
    for key, text in raw["spoken"].items():
        yield Shown(f"spoken.{key}", heard(text, raw), None)


def on_terminal(raw: Table, price: float) -> str:
    """Plain lines; a bare question costs nothing, since it is only ever sent inside another text."""
    return "\n".join(f"\n{one.key}   {_cost(one, price)}\n{_indented(one.text)}" for one in shown(raw))


def as_page(raw: Table, price: float) -> str:
    """One HTML page that needs nothing else."""
    language, name, direction = (escape(raw[key], quote=True) for key in ("language", "name", "direction"))
    rows = "\n".join(
        f'<tr><th scope="row">{escape(one.key)}<small>{escape(_cost(one, price))}</small></th>'
        f'<td><p lang="{language}" dir="{direction}">{escape(one.text)}</p></td></tr>'
        for one in shown(raw)
    )
    return _PAGE.format(name=name, draft="" if raw["reviewed_by"] else " (draft)", rows=rows)


def _cost(one: Shown, price: float) -> str:
    if one.cost is None:
        return f"about {len(one.text) / 14:.1f} s"
    if one.key.startswith("sms.question_"):
        return ""
    parts = one.cost.segments
    length = f"{one.cost.characters} characters, {one.cost.encoding}"
    return f"{parts} part{'s' * (parts > 1)}, {length}, {parts * price:.3f}"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{name}: every text</title>
<style>
body {{ font: 1rem/1.4 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: start; vertical-align: top; padding: .5rem; border-top: 1px solid #999 }}
small {{ display: block; font-weight: normal }}
p {{ white-space: pre-wrap; max-width: 22rem; margin: 0; padding: .6rem .8rem; border-radius: .8rem }}
p {{ background: #e9eef3; color: #111 }}
</style>
<h1>{name}{draft}</h1>
<table>
{rows}
</table>
</html>
"""
