"""Publishing a sheet and reading it: what is current, in which language, and where an id is taught."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection

from exams.catalog.models import Certification
from exams.cheatsheet import selectors, services
from exams.cheatsheet.models import SheetBlock, SheetEdition
from exams.cheatsheet.records import SheetDraft
from exams.cheatsheet.selectors import Head
from exams.content.formats.blueprint_yaml import read_coverage
from tests import factories
from tests.exams.cheatsheet import published
from tests.exams.cheatsheet.published import publish, small

pytestmark = pytest.mark.django_db


@pytest.fixture
def certification(db: None) -> Certification:
    return factories.make_certification()


def test_a_sheet_is_read_as_it_was_published(certification: Certification) -> None:
    head = publish(certification)
    assert (head.code, head.label, head.language, head.vendor) == (
        "mls-c01",
        "MLS-C01",
        "en",
        "Amazon Web Services",
    )
    first, second = selectors.sections(head.edition_id)
    assert (first.number, first.title, second.number) == (1, "Exam overview", 2)
    assert [block.number for block in second.blocks] == ["2.1", "2.2"]
    assert second.blocks[1].html == "<ul>\n<li><strong>Parquet:</strong> by column.</li>\n</ul>"
    assert second.blocks[1].anchor == "b-2-2"


def test_an_id_is_anchored_where_it_is_taught_first(certification: Certification) -> None:
    head = publish(certification)
    found = {block.number: block.first_covers for block in selectors.blocks(head.edition_id)}
    assert found == {"1.1": (), "2.1": ("s3", "efs"), "2.2": ("parquet",)}


def test_what_was_published_last_is_current(certification: Certification) -> None:
    publish(certification)
    publish(certification, small(intro="A newer introduction."))
    again = publish(certification)
    first = next(selectors.blocks(again.edition_id))
    assert first.source == "A short introduction."
    assert SheetEdition.objects.count() == 3


def test_a_language_without_a_sheet_shows_the_original(certification: Certification) -> None:
    publish(certification)
    found = selectors.current("mls-c01", "hu")
    assert found is not None
    assert found.language == "en"
    publish(certification, small("hu"))
    found = selectors.current("mls-c01", "hu")
    assert found is not None
    assert found.language == "hu"


def test_a_sheet_without_blocks_is_none(certification: Certification) -> None:
    assert selectors.current("mls-c01", "en") is None
    publish(certification)
    publish(certification, small("hu"))
    assert selectors.codes() == {"mls-c01"}
    services.publish(certification, SheetDraft("hu", ()), factories.publish_log())
    found = selectors.current("mls-c01", "hu")
    assert found is not None
    assert found.language == "en"
    services.publish(certification, SheetDraft("en", ()), factories.publish_log())
    assert selectors.current("mls-c01", "en") is None
    assert selectors.codes() == frozenset()


BLOCK = {"section_number": 1, "section_title": "S", "title": "T", "source": "", "html": ""}


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("sheet_edition_number_once", lambda head: edition(head, 1)),
        ("sheet_edition_from_1", lambda head: edition(head, 0)),
        ("sheet_block_position_once", lambda head: block(head, 1, "9.9")),
        ("sheet_block_number_once", lambda head: block(head, 9, "1.1")),
        ("sheet_block_from_1", lambda head: block(head, 0, "9.9")),
    ],
)
def test_the_database_refuses_a_second_of_the_same(
    certification: Certification, name: str, make: Callable[[Head], object]
) -> None:
    head = publish(certification)
    with pytest.raises(IntegrityError, match=name):
        make(head)


def edition(head: Head, number: int) -> object:
    certification = Certification.objects.get(code=head.code)
    return SheetEdition.objects.create(
        certification=certification,
        language=head.language,
        number=number,
        digest="d",
        log=factories.publish_log(),
    )


def block(head: Head, position: int, number: str) -> object:
    return SheetBlock.objects.create(edition_id=head.edition_id, position=position, number=number, **BLOCK)


def test_an_index_finds_the_blocks_of_an_id(certification: Certification) -> None:
    publish(certification)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = SheetBlock.objects.filter(covers__overlap=["s3"]).order_by().explain()
    assert "sheet_block_covers" in plan


def test_links_lead_to_the_blocks_that_teach_an_id(certification: Certification) -> None:
    publish(certification)
    found = selectors.links("mls-c01", ["s3", "absent"], "en")
    assert [(link.text, link.address, link.covers) for link in found] == [
        ("2.1 Services", "/mls-c01/cheatsheet/#b-2-1", ("s3",)),
        ("2.2 Formats", "/mls-c01/cheatsheet/#b-2-2", ("s3",)),
    ]
    (parquet,) = selectors.links("mls-c01", ["parquet"], "hu")
    assert parquet.address == "/hu/mls-c01/cheatsheet/#b-2-2"
    spoken = [selectors.links("mls-c01", ["parquet"], language)[0].language for language in ("en", "hu")]
    assert spoken == ["", "en"], "named where it is not that of the page"
    assert selectors.links("mls-c01", [], "en") == []
    assert selectors.links("absent", ["s3"], "en") == []


def test_the_real_sheet_teaches_and_anchors_all_310_ids(certification: Certification) -> None:
    head = publish(certification, published.real())
    path = published.REAL.parent.parent / "blueprint.yaml"
    record = read_coverage(path.read_bytes(), path.name)
    assert record is not None
    wanted = record.ids
    anchored = [name for block in selectors.blocks(head.edition_id) for name in block.first_covers]
    assert len(wanted) == 310
    assert set(anchored) == wanted
    assert len(anchored) == len(set(anchored))
    assert len(selectors.sections(head.edition_id)) == 5
