"""The reading face: made as `make fonts` makes it, small, licensed, and able to draw our texts."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from fontTools.ttLib import TTFont

from tests import budgets
from tools import fonts

ROOT = Path(settings.BASE_DIR)
TEXTS = [
    path
    for folder, pattern in (("fixtures", "*.yaml"), ("i18n/locale", "*.po"), ("templates", "*.html"))
    for path in sorted((ROOT / folder).rglob(pattern))
]


@pytest.fixture(scope="module")
def face() -> TTFont:
    return TTFont(fonts.FONT)


@pytest.fixture(scope="module")
def made() -> dict[Path, bytes]:
    return fonts.made()


@pytest.mark.thorough
@pytest.mark.parametrize("path", [fonts.FONT, fonts.RULES, fonts.LICENSE], ids=lambda path: path.name)
def test_each_file_is_as_the_source_makes_it(made: dict[Path, bytes], path: Path) -> None:
    assert path.read_bytes() == made[path]


def test_another_source_than_the_one_looked_at_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "SOURCE_SHA256", "0" * 64)
    with pytest.raises(ValueError, match="another font"):
        fonts.source()


def test_the_face_is_one_small_file(face: TTFont) -> None:
    assert fonts.FONT.stat().st_size <= budgets.FACE
    assert {path.suffix for path in fonts.FONT.parent.iterdir()} == {".woff2", ".txt"}


def test_it_has_one_axis_of_weights_from_text_to_headings(face: TTFont) -> None:
    axes = {axis.axisTag: (axis.minValue, axis.maxValue) for axis in face["fvar"].axes}
    assert axes == {"wght": (400, 600)}


def test_it_does_not_bear_the_name_that_its_license_reserves(face: TTFont) -> None:
    named = {number: face["name"].getDebugName(number) for number in (1, 4, 6)}
    assert named == {1: "Passline Reading", 4: "Passline Reading", 6: "PasslineReading"}
    assert "SIL OPEN FONT LICENSE" in fonts.LICENSE.read_text()
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


def test_a_hyphen_that_does_not_break_looks_like_one(face: TTFont) -> None:
    drawn = face.getBestCmap()
    assert drawn[0x2011] == drawn[0x2010]


def test_every_fallback_stands_in_the_token_and_is_as_wide_as_the_face(face: TTFont) -> None:
    token = re.search(r"--reading: ([^;]+);", (ROOT / "static/css/tokens.css").read_text())
    rules = fonts.RULES.read_text()
    assert token
    families = [family.strip(' "') for family in token[1].split(",")]
    assert families[: 1 + len(fonts.FALLBACKS)] == [fonts.FAMILY, *(one.family for one in fonts.FALLBACKS)]
    ours = fonts.at_weight(fonts.FONT.read_bytes(), 400).width
    for fallback in fonts.FALLBACKS:
        found = re.search(rf'"{fallback.family}"; font-weight: 400;.*?size-adjust: ([0-9.]+)%', rules)
        assert found
        assert float(found[1]) / 100 * fallback.widths[0] == pytest.approx(ours, abs=0.0001)
