"""Plots as plain SVG: lines and bars, readable on light and dark pages, told in words as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.axis import Axis, axis, short

WIDTH, HEIGHT = 720, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 24, 76, 58
# Distinct for the colour-blind, and of a middle lightness that stands on white and on black.
COLOURS = ("#3b7dd8", "#e0663a", "#2f9e6e", "#a664c9", "#c79a1e", "#8a8f98")
_DASHES = ("", "7 4", "2 3", "9 3 2 3", "4 4", "1 4")
_STYLE = (
    "text{fill:#3c4149;font:12px system-ui,sans-serif}.title{font-size:15px;font-weight:600}"
    ".value{font-size:11px}.grid{stroke:#8a8f98;stroke-opacity:.25}.axis{stroke:#8a8f98}"
    "@media(prefers-color-scheme:dark){text{fill:#d0d4da}}"
)


@dataclass(frozen=True, slots=True)
class Series:
    """A line, or the bars of one colour. Of a bar, x is the number of its group."""

    name: str
    points: Sequence[tuple[float, float]]


def lines(
    title: str,
    across: str,
    up: str,
    series: Sequence[Series],
    *,
    logarithmic: tuple[bool, bool] = (False, False),
) -> str:
    """An SVG document of lines; `logarithmic` is of the axis across and of the one up."""
    every = [point for one in series for point in one.points]
    flat = axis((x for x, _ in every), _LEFT, WIDTH - _RIGHT, logarithmic=logarithmic[0])
    tall = axis((y for _, y in every), HEIGHT - _BOTTOM, _TOP, logarithmic=logarithmic[1])
    drawn = [_grid(tall)]
    drawn += [_under(flat.at(tick), short(tick)) for tick in flat.ticks()]
    for number, one in enumerate(series):
        drawn.append(_line(one, flat, tall, COLOURS[number % 6], _DASHES[number % 6]))
    return _document(title, across, up, series, drawn)


def bars(title: str, across: str, up: str, groups: Sequence[str], series: Sequence[Series]) -> str:
    """An SVG document of bars side by side, one group for each name, values written above."""
    most = (y for one in series for _, y in one.points)
    tall = axis(most, HEIGHT - _BOTTOM, _TOP)
    each = (WIDTH - _LEFT - _RIGHT) / max(1, len(groups))
    wide = each * 0.84 / max(1, len(series))
    drawn = [_grid(tall)]
    drawn += [_under(_LEFT + each * (n + 0.5), name) for n, name in enumerate(groups)]
    for number, one in enumerate(series):
        for group, value in one.points:
            left = _LEFT + each * (group + 0.08) + wide * number
            top = tall.at(value)
            drawn.append(
                f'<rect x="{left + 1:.1f}" y="{top:.1f}" width="{max(1.0, wide - 2):.1f}" '
                f'height="{tall.begin - top:.1f}" rx="2" fill="{COLOURS[number % 6]}"/>'
            )
            drawn.append(_text(left + wide / 2, top - 5, _value(value), "value"))
    return _document(title, across, up, series, drawn, groups)


def _line(one: Series, flat: Axis, tall: Axis, colour: str, dash: str) -> str:
    places = [(flat.at(x), tall.at(y)) for x, y in one.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in places)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<g fill="{colour}"><polyline points="{path}" fill="none" stroke="{colour}" '
        f'stroke-width="2.5" stroke-linejoin="round"{dashed}/>{dots}</g>'
    )


def _grid(tall: Axis) -> str:
    found = []
    for tick in tall.ticks():
        y = tall.at(tick)
        kind = "axis" if y == tall.begin else "grid"
        found.append(f'<path class="{kind}" d="M{_LEFT},{y:.1f}H{WIDTH - _RIGHT}"/>')
        found.append(_text(_LEFT - 8, y + 4, short(tick), "value", "end"))
    return "".join(found)


def _under(x: float, text: str) -> str:
    return _text(x, HEIGHT - _BOTTOM + 18, text)


def _document(
    title: str,
    across: str,
    up: str,
    series: Sequence[Series],
    drawn: Sequence[str],
    groups: Sequence[str] = (),
) -> str:
    middle = (_TOP + HEIGHT - _BOTTOM) / 2
    words = escape(_told(across, up, series, groups))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="title told"><title id="title">{escape(title)}</title>'
        f'<desc id="told">{words}</desc><style>{_STYLE}</style>\n'
        f"{_text(_LEFT, 26, title, 'title', 'start')}{_legend(series, not groups)}\n"
        + "\n".join(drawn)
        + f"\n{_text((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 12, across)}"
        f'<g transform="rotate(-90 18 {middle:g})">{_text(18, middle, up)}</g></svg>\n'
    )


def _legend(series: Sequence[Series], lined: bool) -> str:
    found, x = [], float(_LEFT)
    for number, one in enumerate(series):
        colour, dash = COLOURS[number % 6], _DASHES[number % 6]
        if lined:
            dashed = f' stroke-dasharray="{dash}"' if dash else ""
            mark = (
                f'<path d="M{x:.1f},46h24" stroke="{colour}" stroke-width="2.5"{dashed}/>'
                f'<circle cx="{x + 12:.1f}" cy="46" r="3.5" fill="{colour}"/>'
            )
        else:
            mark = f'<rect x="{x:.1f}" y="40" width="12" height="12" rx="2" fill="{colour}"/>'
        room = 30 if lined else 18
        found.append(mark + _text(x + room, 50, one.name, "value", "start"))
        x += room + 16 + 6.1 * len(one.name)
    return "".join(found)


def _told(across: str, up: str, series: Sequence[Series], groups: Sequence[str]) -> str:
    """The plot in words, for those who do not see it."""
    told = [f"{up} by {across}"]
    for one in series:
        names = [groups[int(x)] if groups else f"{x:g}" for x, _ in one.points]
        values = (_value(y) for _, y in one.points)
        told.append(f"{one.name}: {', '.join(map(': '.join, zip(names, values, strict=True)))}")
    return ". ".join(told)


def _value(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "middle") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{escape(text)}</text>'
