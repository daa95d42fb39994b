"""A certification as a draft: facts, texts, domains and tasks, which files leave alone once written here."""

from pathlib import Path
from typing import Any

import pytest

from exams.authoring.catalog import CatalogKind
from exams.catalog.models import Certification, CertificationText, Domain, TaskStatement
from exams.content.parts import read_content
from exams.content_sync.load import load
from exams.content_sync.operations import Plan
from exams.content_sync.parts import content_parts
from tests import snapshot
from tests.exams.authoring import acts
from tests.exams.content import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    builders.write_directory(tmp_path, builders.exam(), translations=(builders.translation(),))
    snapshot.first("catalog of files", lambda: load(read_content(tmp_path, content_parts())))
    return tmp_path


def load_again(folder: Path, *overwrite: str) -> Plan:
    return load(read_content(folder, content_parts()), overwrite=overwrite)


def certification() -> Certification:
    return Certification.objects.get()


def change_facts(**facts: Any) -> None:
    draft = acts.begin(certification(), "catalogue", "catalogue")
    acts.publish(draft, {"facts": {**draft.content["facts"], **facts}})


@pytest.mark.usefixtures("folder")
def test_what_stands_is_published_as_nothing_new() -> None:
    acts.publish(acts.begin(certification(), "catalogue", "catalogue"), {})
    log = certification().log
    assert log is not None
    assert log.source == "files"


def test_facts_of_a_person_are_left_alone_by_files_until_they_are_taken(folder: Path) -> None:
    change_facts(exam_fee_usd=299, retired_on="2027-01-31")
    plan = load_again(folder)
    assert (plan.is_empty, plan.skipped) == (True, ("catalog",))
    assert certification().exam_fee_usd == 299
    load_again(folder, "catalog")
    assert certification().exam_fee_usd != 299
    assert load_again(folder).skipped == ()


def test_what_follows_from_other_files_comes_all_the_same(folder: Path) -> None:
    change_facts(exam_fee_usd=299)
    builders.write_directory(folder, builders.exam(), builders.exam(2))
    plan = load_again(folder)
    assert plan.skipped == ("catalog",)
    assert (certification().planned_forms, certification().exam_fee_usd) == (2, 299)


@pytest.mark.usefixtures("folder")
def test_a_domain_and_its_task_are_added_and_taken_away() -> None:
    draft = acts.begin(certification(), "catalogue", "catalogue")
    first, second = draft.content["domains"]
    names = {"en": "Security", "hu": "Biztonság"}
    words = {"en": {"title": "Protect", "covers": ""}, "hu": {"title": "Védelem", "covers": ""}}
    acts.publish(
        draft,
        {
            "domains": [
                {**first, "weight_percent": 30},
                second,
                {"number": 3, "weight_percent": 10, "names": names},
            ],
            "tasks": [*draft.content["tasks"], {"code": "3.1", "domain": 3, "texts": words}],
        },
    )
    assert Domain.objects.get(number=3).texts.get(language="hu").name == "Biztonság"
    assert TaskStatement.objects.get(code="3.1").texts.get(language="en").title == "Protect"
    acts.publish(
        acts.begin(certification(), "catalogue", "catalogue"),
        {"domains": [first, second], "tasks": draft.content["tasks"]},
    )
    assert not Domain.objects.filter(number=3).exists()


@pytest.mark.usefixtures("folder")
def test_a_task_that_items_have_stays_and_is_marked() -> None:
    draft = acts.begin(certification(), "catalogue", "catalogue")
    gone, *rest = draft.content["tasks"]
    acts.publish(draft, {"tasks": rest})
    assert not TaskStatement.objects.get(code=gone["code"]).is_current


@pytest.mark.usefixtures("folder")
def test_texts_of_a_page_are_corrected() -> None:
    draft = acts.begin(certification(), "catalogue", "catalogue")
    english = {**draft.content["texts"]["en"], "summary": "Shorter."}
    acts.publish(draft, {"texts": {**draft.content["texts"], "en": english}})
    assert CertificationText.objects.get(language="en").summary == "Shorter."


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("part", "value", "rule"),
    [
        ("facts", {"pass_mark": 9_999}, "scale-in-order"),
        ("facts", {"items_scored": 0}, "scored-within-total"),
        ("domains", [{"number": 1, "weight_percent": 99, "names": {"en": "A", "hu": "A"}}], "whole-weights"),
        ("domains", [{"number": 1, "weight_percent": 50, "names": {"en": "A", "hu": "A"}}] * 2, "twice"),
        ("tasks", [{"code": "7.1", "domain": 7, "texts": {"en": {"title": "A"}}}], "known-domain"),
        ("texts", {}, "original-text"),
    ],
)
def test_what_keeps_a_certification_from_its_pages_is_named(part: str, value: Any, rule: str) -> None:
    kind = CatalogKind()
    content = dict(kind.empty(certification()))
    content[part] = {**content[part], **value} if part == "facts" else value
    found = kind.remarks(certification(), "catalogue", kind.validate(content))
    assert rule in {one.rule for one in found if one.blocks}
