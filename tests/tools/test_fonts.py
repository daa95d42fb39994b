"""The two faces: made as `make fonts` makes it, small, licensed, and able to draw our texts."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from fontTools.ttLib import TTFont

from tests import budgets
from tools import fonts
from tools.fonts import Face

ROOT = Path(settings.BASE_DIR)
TEXTS = [
    path
    for folder, pattern in (("fixtures", "*.yaml"), ("i18n/locale", "*.po"), ("templates", "*.html"))
    for path in sorted((ROOT / folder).rglob(pattern))
]


@pytest.fixture(scope="module")
def face() -> TTFont:
    return TTFont(fonts.READING.path)


@pytest.fixture(scope="module")
def ui_face() -> TTFont:
    return TTFont(fonts.UI.path)


@pytest.fixture(scope="module")
def made() -> dict[Path, bytes]:
    return fonts.made()


@pytest.mark.thorough
def test_each_file_is_as_the_sources_make_it(made: dict[Path, bytes]) -> None:
    assert {path: path.read_bytes() for path in made} == made


def test_another_source_than_the_one_looked_at_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="another font"):
        fonts.source(fonts.UI._replace(sha256="0" * 64))


def test_the_faces_are_two_small_files() -> None:
    assert sum(path.stat().st_size for path in fonts.FONTS.glob("*.woff2")) <= budgets.FACES
    assert set(fonts.FONTS.glob("*.woff2")) == {face.path for face in fonts.FACES}


@pytest.mark.parametrize("face", [TTFont(one.path) for one in fonts.FACES], ids=["reading", "ui"])
def test_a_face_has_one_axis_of_weights_from_text_to_headings(face: TTFont) -> None:
    axes = {axis.axisTag: (axis.minValue, axis.maxValue) for axis in face["fvar"].axes}
    assert axes == {"wght": (400, 600)}


def test_the_reading_face_does_not_bear_the_name_that_its_license_reserves(face: TTFont) -> None:
    named = {number: face["name"].getDebugName(number) for number in (1, 4, 6)}
    assert named == {1: "Passline Reading", 4: "Passline Reading", 6: "PasslineReading"}
    assert "SIL OPEN FONT LICENSE" in (fonts.FONTS / "OFL-reading.txt").read_text()
    assert "Adobe" in face["name"].getDebugName(0)


def test_it_draws_every_letter_of_both_languages_and_every_sign_of_our_texts(face: TTFont) -> None:
    drawn = set(face.getBestCmap())
    absent = {
        (sign, path.name)
        for path in TEXTS
        for sign in set(path.read_text(encoding="utf-8"))
        if ord(sign) > 0x7E and ord(sign) not in drawn
    }
    assert not absent, "add these to SIGNS in tools/fonts.py and run `make fonts`"


def test_the_interface_face_draws_every_letter_of_the_messages(ui_face: TTFont) -> None:
    drawn = set(ui_face.getBestCmap())
    catalogs = [path.read_text(encoding="utf-8") for path in TEXTS if path.suffix == ".po"]
    absent = {sign for text in catalogs for sign in set(text) if sign.isalpha() and ord(sign) not in drawn}
    assert not absent, "add these to UI_LETTERS in tools/fonts.py and run `make fonts`"


@pytest.mark.parametrize("name", ["face", "ui_face"])
def test_a_hyphen_that_does_not_break_looks_like_one(request: pytest.FixtureRequest, name: str) -> None:
    drawn = request.getfixturevalue(name).getBestCmap()
    assert drawn[0x2011] == drawn[0x2010] == drawn[0x2D]


def test_no_hyphen_is_as_wide_as_a_figure_in_tables(ui_face: TTFont) -> None:
    rules, drawn = ui_face["GSUB"].table, ui_face.getBestCmap()
    [tabular] = {
        place
        for row in rules.FeatureList.FeatureRecord
        if row.FeatureTag == "tnum"
        for place in row.Feature.LookupListIndex
    }
    widened = rules.LookupList.Lookup[tabular].SubTable[0].mapping
    assert drawn[ord("7")] in widened
    assert drawn[ord("-")] not in widened


@pytest.mark.parametrize(("face", "name"), [(fonts.READING, "reading"), (fonts.UI, "working")])
def test_every_fallback_stands_in_the_token_and_is_as_wide_as_the_face(face: Face, name: str) -> None:
    token = re.search(rf"--{name}: ([^;]+);", (ROOT / "static/css/tokens.css").read_text())
    rules = fonts.RULES.read_text()
    assert token
    families = [family.strip(' "') for family in token[1].split(",")]
    assert families[: 1 + len(face.fallbacks)] == [face.family, *(one.family for one in face.fallbacks)]
    ours = fonts.at_weight(face.path.read_bytes(), 400).width
    for fallback in face.fallbacks:
        found = re.search(rf'"{fallback.family}"; font-weight: 400;.*?size-adjust: ([0-9.]+)%', rules)
        assert found
        assert float(found[1]) / 100 * fallback.widths[0] == pytest.approx(ours, abs=0.0001)
