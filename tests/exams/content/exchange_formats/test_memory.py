"""How much memory the worst files take that may be imported at all. Measured in processes of their own.

Of five more `tests/exams/authoring/test_import_memory.py` measures more: reading and all that follows.
"""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Final

import pytest
from PIL import Image

from exams.content.exchange_formats import limits
from tests.exams.content.exchange_formats import hostile
from tests.peak import Measure, measuring

pytestmark = pytest.mark.thorough

MOST: Final = 300 * 1024  # kB
READ: Final = """
from exams.content.exchange_formats.registry import read

def work(name, path):
    found = read(name, open(path, "rb").read(), "file")
    return [len(found.items), len(found.losses), len(found.problems), len(found.pictures)]
"""


def many_questions() -> bytes:
    """Return nearly as many nodes as allowed, with texts that fill the file."""
    question = hostile.QUESTION.format(text="word " * 500)
    return hostile.quiz(question * (limits.FILE_SIZE // len(question) - 10))


def one_text() -> bytes:
    """Return a file that is one text."""
    return hostile.asked("x " * (9 * hostile.MEGABYTE))


def image(kind: str, side: int) -> bytes:
    """Return a package with an image as large as allowed, and noisy."""
    noise = Image.frombytes("RGB", (side // 8, side // 8), Random(1).randbytes(3 * (side // 8) ** 2))
    large = noise.resize((side, side), Image.Resampling.NEAREST)
    data = BytesIO()
    large.save(data, kind, quality=80)
    item = (
        "<assessmentItem xmlns='http://www.imsglobal.org/xsd/imsqti_v2p1' identifier='i' title='i'>"
        "<responseDeclaration identifier='R' cardinality='single' baseType='identifier'><correctResponse>"
        "<value>A</value></correctResponse></responseDeclaration><itemBody><p><img src='a.bin' alt='a'/></p>"
        "<choiceInteraction responseIdentifier='R' maxChoices='1'>"
        "<simpleChoice identifier='A'>a</simpleChoice>"
        "<simpleChoice identifier='B'>b</simpleChoice></choiceInteraction></itemBody></assessmentItem>"
    )
    manifest = (
        "<manifest><resources><resource type='imsqti_item_xmlv2p1' href='i.xml'/></resources></manifest>"
    )
    files = {"imsmanifest.xml": manifest.encode(), "i.xml": item.encode(), "a.bin": data.getvalue()}
    return hostile.packed(files)


def jpeg() -> bytes:
    """Return a package with a JPEG of 19 megapixels."""
    return image("JPEG", 4_400)


def png() -> bytes:
    """Return a package with a PNG of 19 megapixels."""
    return image("PNG", 4_400)


def webp() -> bytes:
    """Return a package with a WebP image of 11 megapixels."""
    return image("WEBP", 3_360)


def many_rows() -> bytes:
    """Return a table that fills the file."""
    row = ",".join(["Q", "w " * 900, "A", "a", "b"]) + "\n"
    return (",".join(hostile.HEAD) + "\n" + row * (limits.FILE_SIZE // len(row) - 2)).encode()


def many_braces() -> bytes:
    """Return nothing but signs that mean something."""
    return b"::a{=~#" * (limits.FILE_SIZE // 8)


def many_answers() -> bytes:
    """Return as many questions of Aiken as fill the file."""
    question = b"Q\nA. a\nB. b\nANSWER: A\n"
    return question * (limits.FILE_SIZE // len(question))


@pytest.fixture(scope="module")
def reading() -> Iterator[Measure]:
    """A process that knows the formats and nothing else of the site."""
    with measuring(READ) as measure:
        yield measure


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("moodle", hostile.billion_laughs),
        ("moodle", hostile.many_attributes),
        ("qti", jpeg),
        ("qti", webp),
        ("qti", hostile.zip_bomb),
        ("qti", hostile.zip_of_much),
        ("qti", hostile.million_entries_zip),
        ("gift", many_braces),
        ("aiken", many_answers),
        ("yaml", hostile.yaml_many),
        ("yaml", hostile.yaml_aliases),
    ],
)
def test_no_file_takes_more_than_300_megabytes(
    name: str, make: Callable[[], bytes], tmp_path: Path, reading: Measure
) -> None:
    path = tmp_path / "file"
    path.write_bytes(make())
    assert path.stat().st_size <= limits.FILE_SIZE
    read, peak = reading(name, str(path))
    assert peak < MOST, f"{peak // 1024} MB for {read}"
    assert any(read)
