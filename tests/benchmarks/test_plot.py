"""Plots: well-formed SVG that says in words what it shows."""

from __future__ import annotations

from xml.etree import ElementTree

from benchmarks.plot import HEIGHT, WIDTH, Series, bars, lines

SVG = "{http://www.w3.org/2000/svg}"
TWO = (
    Series("ours & all", [(10, 1.5), (100, 15.0), (1000, 150.0)]),
    Series("theirs", [(10, 2.0), (100, 40.0), (1000, 900.0)]),
)


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def written(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_a_plot_of_lines_has_title_labels_and_legend() -> None:
    root = parsed(lines("Growth", "records", "milliseconds", TWO))
    assert {"Growth", "records", "milliseconds", "ours & all", "theirs"} <= set(written(root))


def test_a_line_has_a_dot_for_each_point_beside_that_of_the_legend() -> None:
    root = parsed(lines("Growth", "records", "ms", TWO, logarithmic=(True, True)))
    assert len(list(root.iter(f"{SVG}polyline"))) == 2
    assert len(list(root.iter(f"{SVG}circle"))) == 6 + 2


def test_lines_stay_inside_the_picture() -> None:
    root = parsed(lines("Growth", "records", "ms", TWO, logarithmic=(True, False)))
    for circle in root.iter(f"{SVG}circle"):
        assert 0 < float(circle.attrib["cx"]) < WIDTH
        assert 0 < float(circle.attrib["cy"]) < HEIGHT


def test_a_straight_line_on_logarithmic_axes_is_straight() -> None:
    root = parsed(
        lines("", "", "", [Series("x", [(1, 1), (10, 10), (100, 100)])], logarithmic=(True, True))
    )
    drawn = next(root.iter(f"{SVG}polyline")).attrib["points"].split()
    (ax, ay), (bx, by), (cx, cy) = (map(float, place.split(",")) for place in drawn)
    assert abs((bx - ax) - (cx - bx)) < 0.2
    assert abs((by - ay) - (cy - by)) < 0.2


def test_bars_are_as_tall_as_their_values() -> None:
    root = parsed(
        bars("Rates", "question", "per second", ("Q1", "Q2"), [Series("a", [(0, 50), (1, 100)])])
    )
    low, high = (
        float(bar.attrib["height"])
        for bar in root.iter(f"{SVG}rect")
        if float(bar.attrib["height"]) != 12
    )
    assert abs(high / low - 2) < 0.01
    assert {"Q1", "Q2", "50", "100"} <= set(written(root))


def test_the_plot_is_told_in_words() -> None:
    root = parsed(lines("Growth", "records", "ms", TWO))
    told = root.find(f"{SVG}desc")
    assert told is not None
    assert told.text is not None
    assert "ms by records. ours & all: 10: 1.5, 100: 15, 1000: 150. theirs: 10" in told.text
    bar = parsed(bars("Rates", "question", "per second", ("Q1",), [Series("a", [(0, 5000)])])).find(
        f"{SVG}desc"
    )
    assert bar is not None
    assert bar.text == "per second by question. a: Q1: 5,000"
