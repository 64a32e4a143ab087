"""Pictures as inline SVG: no script, no style attribute, colours from the stylesheet, words for those who cannot see.

Each stands beside its figures in text or a table, so nothing is told by a picture alone.
"""

from collections.abc import Sequence

from markupsafe import Markup

from chalicelib.dataclass import dataclass

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 150, 30, 8, 8, 22
PLOT = WIDTH - LEFT - RIGHT


@dataclass(frozen=True, slots=True)
class Point:
    """One day or week of a chart. `share` is None where too few answered to draw anything."""

    label: str
    share: float | None = None
    low: float = 0.0
    high: float = 0.0
    firm: bool = False  # 30 answers and more


def interval_bar(share: float, low: float, high: float, target: float | None, alt: str, firm: bool) -> Markup:
    """The interval as a bar from 0 to 100 %, the share as a dot (when firm), the target as a tick."""
    parts = [_line("scale", 0, 12, 200, 12), _line("range", low * 200, 12, high * 200, 12)]
    parts += [_line("end", x * 200, 7, x * 200, 17) for x in (low, high)]
    if target is not None:
        parts.append(_line("target", target * 200, 2, target * 200, 22))
    if firm:
        parts.append(_circle("dot", share * 200, 12, 4.5))
    return _svg("bar", "-6 0 212 24", alt, parts)


def portion(part: int, whole: int) -> Markup:
    """A count as a bar of its whole; decoration beside the figures."""
    width = round(100 * part / whole, 2) if whole else 0
    whole_bar = Markup('<rect class="whole" width="100%" height="8"/>')
    part_bar = Markup('<rect class="part" width="{}%" height="8"/>').format(width)
    return Markup('<svg class="portion" aria-hidden="true">{}{}</svg>').format(whole_bar, part_bar)


def shares(points: Sequence[Point], target: float, alt: str) -> Markup:
    """A share day by day: dots with their intervals, never joined, since every day is its own sample."""
    parts = [_rule(y, f"{y:.0%}") for y in (0.0, 0.5, 1.0)]
    parts.append(_line("target", LEFT, _y(target), WIDTH - RIGHT, _y(target)))
    for place, point in enumerate(points):
        if point.share is not None:
            x = _x(place, len(points))
            parts.append(_line("range", x, _y(point.low), x, _y(point.high)))
            parts.append(_circle("dot" if point.firm else "dot faint", x, _y(point.share), 3.5))
    return _svg("chart", f"0 0 {WIDTH} {HEIGHT}", alt, [*parts, *_dates([point.label for point in points])])


def volumes(labels: Sequence[str], invited: Sequence[int], complete: Sequence[int], alt: str) -> Markup:
    """Invited as an outline, answered filled, on one scale from zero."""
    top = max(*invited, 1)
    parts = [_rule(0.0, "0"), _rule(1.0, f"{top:,}")]
    width = min(24.0, PLOT / len(labels) * 0.7)
    for place, (asked, answered) in enumerate(zip(invited, complete, strict=True)):
        x = _x(place, len(labels)) - width / 2
        parts.append(_bar("whole", x, width, asked / top))
        parts.append(_bar("part", x, width, answered / top))
    return _svg("chart", f"0 0 {WIDTH} {HEIGHT}", alt, [*parts, *_dates(labels)])


def _x(place: int, places: int) -> float:
    return LEFT + PLOT * (place + 0.5) / places


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)


def _rule(at: float, label: str) -> Markup:
    return _line("rule", LEFT, _y(at), WIDTH - RIGHT, _y(at)) + _text(LEFT - 4, _y(at) + 4, "end", label)


def _dates(labels: Sequence[str]) -> list[Markup]:
    """The first and the last, and one between when there is room."""
    last = len(labels) - 1
    anchors = {0: "start", last: "end"} if last else {0: "middle"}
    if last > 5:
        anchors[last // 2] = "middle"
    edges = {"start": LEFT, "end": WIDTH - RIGHT}
    return [
        _text(edges.get(anchor) or _x(place, len(labels)), HEIGHT - 6, anchor, labels[place])
        for place, anchor in anchors.items()
    ]


def _svg(kind: str, box: str, alt: str, parts: Sequence[Markup]) -> Markup:
    head = Markup('<svg class="{}" viewBox="{}" role="img" aria-label="{}">').format(kind, box, alt)
    return head + Markup("").join(parts) + Markup("</svg>")


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    at = [f"{value:.1f}" for value in (x1, y1, x2, y2)]
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, *at)


def _circle(kind: str, x: float, y: float, r: float) -> Markup:
    return Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{}"/>').format(kind, x, y, r)


def _bar(kind: str, x: float, width: float, part: float) -> Markup:
    shape = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')
    return shape.format(kind, x, _y(part), width, _y(0) - _y(part))


def _text(x: float, y: float, anchor: str, label: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, label)
