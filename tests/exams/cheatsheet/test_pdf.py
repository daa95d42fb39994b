"""The sheet on paper: every line as text that can be selected, with contents, page numbers and links."""

import io
import re
import unicodedata
from collections.abc import Iterator

import pytest
from django.db import transaction
from pypdf import PdfReader
from pytest_django.plugin import DjangoDbBlocker

from exams.catalog.models import Certification
from exams.cheatsheet import documents, selectors
from exams.cheatsheet.markdown_tree import blocks_of
from exams.cheatsheet.selectors import Head
from exams.pdf import typesetting
from exams.pdf.tree import (
    Block,
    Code,
    Inlines,
    Items,
    Link,
    Listing,
    Paragraph,
    Strong,
    Subheading,
    Table,
    Text,
)
from tests import factories
from tests.exams.cheatsheet import published
from tests.exams.cheatsheet.published import publish, small
from tests.exams.cheatsheet.test_rendering import HOSTILE

pytestmark = pytest.mark.django_db


@pytest.fixture
def certification(db: None) -> Certification:
    return factories.make_certification()


def pdf(head: Head) -> PdfReader:
    return PdfReader(io.BytesIO(typesetting.typeset(documents.whole(head))))


@pytest.fixture(scope="module")
def real(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> PdfReader:
    """The real sheet as a PDF; its edition is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        reader = pdf(publish(factories.make_certification(), published.real()))
        transaction.set_rollback(True)
    return reader


@pytest.fixture(scope="module")
def pages(real: PdfReader) -> list[str]:
    """The words of each page of the real sheet."""
    return [page.extract_text() for page in real.pages]


def packed(text: str) -> str:
    """Return a text as letters alone: line ends and ligatures are the typesetter's."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def words(reader: PdfReader) -> str:
    return packed("".join(page.extract_text() for page in reader.pages))


def lines(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Yield every line of a text, cell, entry and paragraph, as plain words."""
    for block in blocks:
        match block:
            case Paragraph(inlines) | Subheading(inlines):
                yield plain(inlines)
            case Items(entries):
                for entry in entries:
                    yield from lines(entry)
            case Table(heads, rows):
                for cell in (*heads, *(cell for row in rows for cell in row)):
                    yield plain(cell)
            case Listing(text):
                yield from text.splitlines()


def plain(inlines: Inlines) -> str:
    return "".join(
        one.text if isinstance(one, Text | Code) else plain(getattr(one, "inlines", ())) for one in inlines
    )


def test_the_text_of_the_pdf_holds_every_line_of_the_real_sheet(pages: list[str]) -> None:
    found = packed("".join(pages))
    wanted = [line for block in published.real().blocks for line in lines(blocks_of(block.source))]
    assert len(wanted) > 500
    assert [line for line in wanted if packed(line) not in found] == []
    for block in published.real().blocks:
        assert packed(f"{block.number}{block.title}") in found
        assert packed(block.section_title) in found


def test_the_tree_of_the_real_sheet_loses_no_word() -> None:
    """What the PDF is compared with is itself compared with the files."""
    for block in published.real().blocks:
        text = re.sub(r"^[| :-]+$|^```.*$", "", block.source, flags=re.MULTILINE)
        written = re.sub(r"[*`|#]|^ *(?:-|\d+\.) ", "", text, flags=re.MULTILINE)
        told = re.sub(r"[*`|#]", "", "".join(lines(blocks_of(block.source))))  # code keeps its signs
        assert packed(told) == re.sub(r"\\", "", packed(written)), block.number


def test_hungarian_letters_are_text(certification: Certification) -> None:
    head = publish(certification, small("hu", intro=published.HUNGARIAN))
    reader = pdf(head)
    found = words(reader)
    assert packed(published.HUNGARIAN) in found
    assert "Tartalom" in found
    assert "oldal" in found
    assert str(reader.root_object["/Lang"]) == "hu"


def test_the_pdf_has_contents_page_numbers_bookmarks_and_a_title(real: PdfReader, pages: list[str]) -> None:
    total = len(pages)
    assert 10 <= total <= 25
    first = packed(pages[0])
    assert "Contents" in first
    assert "4.2Built-inalgorithms" in first
    for number, page in enumerate(pages, start=1):
        assert f"Page{number}of{total}" in packed(page)
    assert real.metadata is not None
    assert (real.metadata.title, real.metadata.author) == ("MLS-C01 Cheat Sheet", "Passline")
    titles = [one.title for one in real.outline if not isinstance(one, list)]
    assert str(titles[-1]).startswith("5. ML Implementation and Operations")
    assert "/StructTreeRoot" in real.root_object


def test_links_of_the_text_lead_to_the_web_and_contents_into_the_pdf(certification: Certification) -> None:
    text = "See the [guide](https://docs.aws.amazon.com/s3/), not [this](/relative/)."
    head = publish(certification, small(intro=text))
    notes = [
        note.get_object() for page in pdf(head).pages for note in page.get("/Annots", []) if note.get_object()
    ]
    addresses = {note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", {})}
    assert addresses == {"https://docs.aws.amazon.com/s3/", "http://localhost:8000/mls-c01/cheatsheet/"}
    assert sum("/Dest" in note or "/D" in note.get("/A", {}) for note in notes) >= 5


def test_the_same_sheet_makes_the_same_bytes(certification: Certification) -> None:
    document = documents.whole(publish(certification))
    assert typesetting.typeset(document) == typesetting.typeset(document)
    other = documents.whole(publish(certification, small(intro="Another one.")))
    assert typesetting.digest(document) != typesetting.digest(other)


@pytest.mark.parametrize(
    "source",
    [
        *HOSTILE,
        '#read("/etc/passwd")',
        '#sys.inputs #panic("x") $x^2$ @ref <label> = Heading',
        '`#read("/etc/passwd")` and **#import "@preview/x:1.0.0"**',
        "\\u{41} ~ -- --- ... 'quotes' \"quotes\" /* c */ // d",
        "- " * 8 + "deep",
        '> quoted *text*\n\n```\n#eval("1")\n```',
        "x" * 3000,
    ],
)
def test_hostile_words_are_printed_and_nothing_is_run(certification: Certification, source: str) -> None:
    head = publish(certification, small(intro=f"Before.\n\n{source}\n\nAfter."))
    found = words(pdf(head))
    assert "Before." in found
    assert "After." in found
    assert "root:" not in found
    for line in lines(blocks_of(source)):
        assert packed(line) in found


def test_markdown_becomes_a_typed_tree() -> None:
    source = "A **b *c*** `d` [e](https://e.org)\n\n1. one\n2. two\n\n   more\n\n### Sub\n\n**Exam tip:** F"
    paragraph, steps, heading, tip = blocks_of(source)
    assert isinstance(paragraph, Paragraph)
    assert paragraph.inlines[-1] == Link("https://e.org", (Text("e"),))
    assert paragraph.inlines[1] == Strong((Text("b "), *paragraph.inlines[1].inlines[1:]))  # type: ignore[union-attr]
    assert isinstance(steps, Items)
    assert (steps.start, [len(entry) for entry in steps.entries]) == (1, [1, 2])
    assert heading == Subheading((Text("Sub"),))
    assert isinstance(tip, Paragraph)
    assert (paragraph.is_tip, tip.is_tip) == (False, True)


@pytest.mark.parametrize("letters", ["\U0001f600", "日本", "한국"])
def test_letters_that_no_font_shows_leave_the_rest_to_be_read(
    certification: Certification, letters: str
) -> None:
    reader = pdf(publish(certification, small(services=f"Before {letters} after, **strong**.")))
    assert "Before" in words(reader)
    assert "strong" in words(reader)
    assert "/StructTreeRoot" in reader.root_object, "the file has lost its tags"


SHOWING = "### Costs\n\n| Plan | Price | Note |\n| --- | ---: | --- |\n| Small | 7.50 | monthly |"


def test_a_table_keeps_which_of_its_columns_stand_to_the_right() -> None:
    table = blocks_of(SHOWING)[1]
    assert isinstance(table, Table)
    assert table.to_the_right == (1,)


@pytest.mark.parametrize("make", ["whole", "own"])
def test_a_heading_within_a_block_is_one_level_below_that_of_the_block(
    certification: Certification, make: str
) -> None:
    head = publish(certification, small(services=SHOWING))
    every = list(selectors.blocks(head.edition_id))
    document = documents.whole(head) if make == "whole" else documents.own(head, every, ())
    # A skipped level is an error of the standard that the file keeps, and no file is made.
    found = words(PdfReader(io.BytesIO(typesetting.typeset(document))))
    assert packed("Costs") in found
    assert packed("7.50") in found
