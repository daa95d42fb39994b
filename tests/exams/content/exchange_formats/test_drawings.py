"""Drawings as files of their own: without a stylesheet, whatever is seen is written in the file."""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Final

import pytest

from exams.content.exchange_formats import drawings, xml_tree
from exams.content.exchange_formats.limits import Deadline
from exams.content.exchange_formats.xml_tree import Element
from exams.content.formats.figure_svg import read_figure
from tests.exams.content.exchange_formats.builders import figure

ROOT: Final = Path(__file__).resolve().parents[4]
FIGURES: Final = sorted((ROOT / "fixtures" / "mls-c01" / "figures").glob("*.svg"))
CURVES: Final = ("path", "polyline", "line")
SHAPES: Final = (*CURVES, "circle", "rect")


def exported(svg: str) -> Element:
    return xml_tree.parse(drawings.standalone(svg), "file.svg", Deadline())


def drawn(svg: str) -> Iterator[tuple[Element, dict[str, str]]]:
    """Yield the parts of an exported drawing, each with what it has and inherits."""
    waiting: list[tuple[Element, dict[str, str]]] = [(exported(svg), {})]
    while waiting:
        one, inherited = waiting.pop()
        attributes = inherited | one.attributes
        yield one, attributes
        waiting += [(inner, attributes) for inner in one.elements()]


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_every_part_of_a_drawing_has_its_own_colors_and_stands_on_white(path: Path) -> None:
    svg = read_figure(path.read_bytes(), path.name).svg
    backgrounds = 0
    for one, attributes in drawn(svg):
        if one.attributes.get("width") == "100%":
            backgrounds += 1
            assert (attributes["height"], attributes["fill"]) == ("100%", "#ffffff")
        elif one.name == "text":
            assert re.fullmatch("#[0-9a-f]{6}", attributes["fill"])
            assert "sans-serif" in attributes["font-family"]
            assert attributes["font-size"] == "13"
        elif one.name in SHAPES:
            assert re.fullmatch("#[0-9a-f]{6}", attributes["stroke"])
            assert float(attributes["stroke-width"]) >= 1
            assert (attributes["fill"] == "none") == (one.name in CURVES)
    assert backgrounds == 1
    root = exported(svg).attributes
    assert float(root["width"]) > 0
    assert float(root["height"]) > 0


def test_series_differ_by_dash_and_by_hollow_dots_and_not_only_by_color() -> None:
    classes = ("s1", "s2", "s3", "s4")
    svg = "".join(
        f'<path class="{name}" d="M0 0h9"></path><circle class="{name}" r="2"></circle>' for name in classes
    )
    parts = list(drawn(f'<svg viewBox="0 0 40 20"><g>{svg}</g></svg>'))
    dashes = {a["class"]: a.get("stroke-dasharray", "") for one, a in parts if one.name == "path"}
    fills = {a["class"]: a["fill"] for one, a in parts if one.name == "circle"}
    assert len(set(dashes.values())) == len(classes)
    hollow = {name: fill == "#ffffff" for name, fill in fills.items()}
    assert hollow == {"s1": False, "s2": True, "s3": False, "s4": True}
    colors = {a["class"]: a["stroke"] for one, a in parts if one.name == "path"}
    assert all(colors[a] != colors[b] for a, b in combinations(classes, 2))


def test_a_group_gives_its_series_to_what_is_in_it() -> None:
    svg = '<svg viewBox="0 0 40 20"><g class="s3"><path d="M0 0h9"></path></g></svg>'
    ((_, path),) = [(one, attributes) for one, attributes in drawn(svg) if one.name == "path"]
    assert path["stroke"] == drawings.SERIES["s3"].color


def test_its_colors_are_those_of_the_site_in_the_light() -> None:
    tokens = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"--([a-z0-9-]+):\s*light-dark\((#[0-9a-f]{6}),", tokens))
    series = [one.color for one in drawings.SERIES.values()]
    assert series == [light[name] for name in ("accent", "ink", "warn", "wrong")]
    assert (light["ink"], light["ink-2"]) == (drawings.INK, drawings.INK_2)
    assert {one.color for one in drawings.RULERS.values()} == {light["edge"], light["rule"]}


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_an_exported_drawing_is_the_same_figure_again(path: Path) -> None:
    found = read_figure(path.read_bytes(), path.name)
    again = read_figure(drawings.bare(drawings.standalone(found.svg)), path.name)
    assert (again.svg, again.title, again.description) == (found.svg, found.title, found.description)


def test_only_what_an_export_wrote_is_taken_off_a_drawing() -> None:
    data = drawings.standalone(figure().svg)
    assert drawings.bare(data) != data
    for foreign in (
        data.replace(b"#0a5a73", b"#ff0000"),
        data.replace(b"<rect", b'<rect onclick="x()"'),
        data.replace(b'stroke-width="1.5"', b'stroke-width="9"'),
        b"<svg",
        b"\xff<svg>",
    ):
        assert drawings.bare(foreign) == foreign
