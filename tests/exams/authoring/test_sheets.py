"""Cheat sheets as drafts: a published one is an edition that a load leaves alone."""

from typing import Any

import pytest

from accounts.base.errors import Refused
from exams.authoring import services
from exams.authoring.sheets import SheetKind
from exams.catalog.models import Certification
from exams.cheatsheet import selectors
from exams.cheatsheet.models import SheetEdition
from exams.cheatsheet.part import CheatSheetRecord
from exams.content_sync.cheatsheet import plan_sheets
from exams.content_sync.operations import SkippedOperation
from tests import factories
from tests.exams.authoring import acts
from tests.exams.cheatsheet import published

pytestmark = pytest.mark.django_db


@pytest.fixture
def certification() -> Certification:
    return factories.make_certification()


def test_a_sheet_begins_as_it_stands_and_unchanged_makes_no_edition(certification: Certification) -> None:
    published.publish(certification)
    draft = acts.begin(certification, "cheatsheet", "cheatsheet/en")
    sections = selectors.written(certification.code)["en"]
    assert [one["title"] for one in draft.content["sections"]] == [one.title for one in sections]
    acts.publish(draft, {})
    assert SheetEdition.objects.count() == 1


def test_a_published_sheet_is_an_edition_that_files_do_not_undo(certification: Certification) -> None:
    published.publish(certification)
    draft = acts.begin(certification, "cheatsheet", "cheatsheet/en")
    first, *rest = draft.content["sections"]
    log = acts.publish(draft, {"sections": [{**first, "title": "All at a glance"}, *rest]})
    assert SheetEdition.objects.get(log=log).number == 2
    assert selectors.written(certification.code)["en"][0].title == "All at a glance"
    files = CheatSheetRecord(None, {})
    steps = plan_sheets(
        files, selectors.digests(certification.code), selectors.edited_in_admin(certification.code)
    )
    assert steps == [SkippedOperation("cheatsheet/en")]


def test_a_sheet_is_begun_from_nothing(certification: Certification) -> None:
    draft = acts.begin(certification, "cheatsheet", "cheatsheet/hu")
    block = {"title": "Adatok", "covers": ["s3"], "source": "Egy sor.  \n\n- egy\n"}
    acts.publish(draft, {"sections": [{"title": "Bevezetés", "blocks": [block]}]})
    (section,) = selectors.written(certification.code)["hu"]
    assert [(one.number, one.source) for one in section.blocks] == [("1.1", "Egy sor.\n\n- egy")]


@pytest.mark.parametrize(
    ("section", "rule"),
    [
        ({"title": "", "blocks": [{"title": "B", "source": "x"}]}, "missing-title"),
        ({"title": "A", "blocks": []}, "empty-section"),
        ({"title": "A", "blocks": [{"title": "B", "source": ""}]}, "missing-text"),
        ({"title": "A", "blocks": [{"title": "B", "source": "![x](figure:y)"}]}, "no-figures"),
        ({"title": "A", "blocks": [{"title": "B", "source": "## Larger"}]}, "headings"),
    ],
)
def test_what_pages_cannot_show_is_named(
    certification: Certification, section: dict[str, Any], rule: str
) -> None:
    kind = SheetKind()
    content = kind.validate({"sections": [section]})
    found = kind.remarks(certification, "cheatsheet/en", content)
    assert rule in {one.rule for one in found if one.blocks}


@pytest.mark.parametrize("name", ["cheatsheet/xx", "cheatsheet", "sheet/en"])
def test_a_name_that_no_sheet_has_is_refused(certification: Certification, name: str) -> None:
    with pytest.raises(Refused) as caught:
        acts.begin(certification, "cheatsheet", name)
    assert caught.value.code == "invalid_content"


def test_content_of_another_shape_is_refused_with_its_field(certification: Certification) -> None:
    draft = acts.begin(certification, "cheatsheet", "cheatsheet/en")
    content = {"sections": [{"title": "A", "blocks": [{"title": 7}]}]}
    with pytest.raises(Refused) as caught:
        services.save(draft_id=draft.pk, revision=1, content=content, actor=acts.staff("authors"))
    assert caught.value.extra["field"] == "sections.0.blocks.0.title"
