"""The growth figures as a part of the page, and as plots."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.curve import LINEAR, Growth, growth
from benchmarks.growth import AT_ONCE, LIST, PAGE, SHARE, WALK, Curves, Point
from benchmarks.markdown import table
from benchmarks.plot import Series, lines

_PAGE_OF_MEMORY = 4096
_HEAD = f"""
Second instances of the CAD Trust adapter over a node of the length and slowness that is asked for;
its rows are those of the emulator, each under a key of its own, 4 to 5 KB each. No body comes
twice, and none may be kept, as the real node has it. Medians of single questions, one after the
other. **By the piece** holds the cost of each
at the largest size against that at the middle one: 1 is linear, less is better than linear, and
more than {LINEAR:g} is called not linear. **One more** is what one more costs between the two.
"""


def growth_page(curves: Curves) -> str:
    """The section, with its plots named by their files."""
    parts = [_HEAD, "\n" + table(_VERDICT, [_verdict(*row) for row in _every(curves)])]
    for title, name, told, rows, head in (
        ("Records", "records", _RECORDS, _records(curves), _RECORDS_HEAD),
        ("Pages", "pages", _PAGES, _pages(curves.by_page), _PAGES_HEAD),
        ("Registries", "registries", _REGISTRIES, _each(curves.registries), _EACH_HEAD),
        ("Fields", "fields", _FIELDS, _each(curves.fields), _EACH_HEAD),
        ("Delay of the registry", "delay", _DELAY, _delay(curves), _DELAY_HEAD),
    ):
        parts.append(f"\n### {title}\n\n{told.strip()}\n\n{table(head, rows)}")
        plots = [file for file in growth_plots(curves) if file.startswith(f"growth-{name}")]
        parts += [f"\n![{title}: see the table]({'performance/' + file})\n" for file in plots]
    return "".join(parts)


def growth_plots(curves: Curves) -> dict[str, str]:
    """Every plot by its file's name."""
    both = (True, True)
    walked, whole = curves.walked, curves.one_page
    ideal = [(p.at, min(AT_ONCE / p.at * 1000, curves.delay[0].rate)) for p in curves.delay if p.at]
    return {
        "growth-records.svg": lines(
            "Time, by records", "records", "milliseconds",
            [Series("one page", _ms(whole)), Series(f"all pages of {PAGE}", _ms(walked))],
            logarithmic=both,
        ),
        "growth-records-memory.svg": lines(
            "Most memory held meanwhile, by records", "records", "MiB",
            [Series("one page", _mib(whole)), Series(f"all pages of {PAGE}", _mib(walked))],
            logarithmic=both,
        ),
        "growth-pages.svg": lines(
            f"Time by the record of {WALK:,}, by the size of the pages", "records of a page",
            "microseconds by the record",
            [Series("measured", [(p.at, p.ms / WALK * 1000) for p in curves.by_page])],
        ),
        "growth-registries.svg": lines(
            f"Time, by registries, {SHARE} records of each", "registries", "milliseconds",
            [Series("measured", _ms(curves.registries))],
        ),
        "growth-fields.svg": lines(
            f"Time, by fields of {LIST} records", "fields", "milliseconds",
            [Series("measured", _ms(curves.fields))],
        ),
        "growth-delay.svg": lines(
            f"Answers per second at {AT_ONCE} connections, by the registry's delay",
            "milliseconds of delay", "answers per second",
            [
                Series("measured", [(p.at, p.rate) for p in curves.delay]),
                Series("what delay and speed allow", [(0, curves.delay[0].rate), *ideal]),
            ],
        ),
        "growth-delay-single.svg": lines(
            "A single answer beyond the registry's delay",
            "milliseconds of delay", "milliseconds beyond",
            [
                Series("answer", _ms(curves.delay)),
                Series("the node, asked directly", [(p.at, p.node_ms) for p in curves.delay]),
            ],
        ),
    }  # fmt: skip


def time_growth(points: Sequence[Point]) -> Growth:
    """How milliseconds grow."""
    return growth(_ms(points))


def walk_growth(points: Sequence[Point]) -> Growth:
    """How milliseconds grow with pages: a list of one page is no walk."""
    return growth(_ms([point for point in points if point.at > PAGE]))


def memory_growth(curves: Curves) -> Growth:
    """How the bytes grow that one page holds beside what the gateway held before."""
    return growth([(p.at, max(p.peak - curves.idle, _PAGE_OF_MEMORY)) for p in curves.one_page])


_VERDICT = ("", "from", "to", "by the piece", "power", "one more", "")


def _every(curves: Curves) -> list[tuple[str, Sequence[Point], Growth, str]]:
    memory = memory_growth(curves)
    several = [point for point in curves.walked if point.at > PAGE]
    walked = growth([(p.at, p.peak) for p in several])
    return [
        ("time of one page, by records", curves.one_page, time_growth(curves.one_page), "ms"),
        ("memory of one page, by records", curves.one_page, memory, "bytes"),
        ("time of all pages, by records", several, walk_growth(several), "ms"),
        ("memory of all pages, by records", several, walked, "bytes"),
        ("time, by registries", curves.registries, time_growth(curves.registries), "ms"),
        ("time, by fields", curves.fields, time_growth(curves.fields), "ms"),
    ]


def _verdict(name: str, points: Sequence[Point], found: Growth, unit: str) -> tuple[str, ...]:
    return (
        name,
        f"{points[(len(points) - 1) // 2].at:,}",
        f"{points[-1].at:,}",
        f"{found.ratio:.3g}",
        f"{found.exponent:.2f}",
        f"{found.slope:,.3g} {unit}" if unit == "ms" else f"{found.slope:,.0f} {unit}",
        "linear or better" if found.linear else "**not linear**",
    )


_RECORDS_HEAD = (
    "records", "one page, ms", "by the record, µs", "MiB at most",
    f"all pages of {PAGE}, ms", "by the record, µs", "MiB at most",
)  # fmt: skip
_RECORDS = f"""
Twenty fields. On the left one page of all records, with the limits raised for it; on the right
all pages of {PAGE} with the usual limits, one after the other by their cursors. A page of the
registry that is needed for two of ours is read twice. Memory is the most that was resident.
"""
_PAGES = (
    f"Twenty fields of {WALK:,} records, walked by pages of different sizes with their cursors."
)
_PAGES_HEAD = ("records of a page", "pages", "all, ms", "by the record, µs", "by the page, ms")
_REGISTRIES = f"Twenty fields of {SHARE} records from each registry, one page, the usual limits."
_FIELDS = f"One registry, {LIST} records, ever more of a project's fields, those of children last."
_DELAY = f"""
A project by its key, another one each time, so that no two questions share a call. A single
answer beyond the delay; and answers per second at {AT_ONCE} connections, with their share of what
delay and speed allow.
"""


def _records(curves: Curves) -> list[tuple[str, ...]]:
    return [
        (f"{one.at:,}", *_costs(one), *_costs(all_))
        for one, all_ in zip(curves.one_page, curves.walked, strict=True)
    ]


def _costs(point: Point) -> tuple[str, ...]:
    each = point.ms / point.at * 1000
    return f"{point.ms:,.1f}", f"{each:,.0f}", f"{point.peak / 2**20:,.0f}"


def _pages(points: Sequence[Point]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for p in points:
        count = -(-WALK // p.at)
        each = f"{p.ms / WALK * 1000:,.0f}"
        rows.append((f"{p.at}", f"{count}", f"{p.ms:,.0f}", each, f"{p.ms / count:,.1f}"))
    return rows


_EACH_HEAD = ("", "ms", "each, ms", "MiB at most")


def _each(points: Sequence[Point]) -> list[tuple[str, ...]]:
    return [
        (f"{p.at}", f"{p.ms:.2f}", f"{p.ms / p.at:.3f}", f"{p.peak / 2**20:.0f}") for p in points
    ]


_DELAY_HEAD = (
    "delay, ms", "the node itself, ms beyond", "answer, ms beyond", "answers per second",
    "of what is possible",
)  # fmt: skip


def _delay(curves: Curves) -> list[tuple[str, ...]]:
    fastest = curves.delay[0].rate
    rows: list[tuple[str, ...]] = []
    for p in curves.delay:
        most = min(AT_ONCE / p.at * 1000, fastest) if p.at else fastest
        share = f"{p.rate / most:.0%}" if most else ""
        rows.append((f"{p.at}", f"{p.node_ms:.2f}", f"{p.ms:.2f}", f"{p.rate:,.0f}", share))
    return rows


def _ms(points: Sequence[Point]) -> list[tuple[float, float]]:
    return [(p.at, p.ms) for p in points]


def _mib(points: Sequence[Point]) -> list[tuple[float, float]]:
    return [(p.at, p.peak / 2**20) for p in points]
