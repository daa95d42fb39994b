"""A certification as a draft: facts, texts, domains and tasks, which files leave alone once written here."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exams.authoring.catalog import CatalogKind
from exams.authoring.models import Draft
from exams.catalog.models import Certification, CertificationText, Domain, TaskStatement
from exams.content.parts import read_content
from exams.content_sync.load import export, load
from exams.content_sync.operations import Plan
from exams.content_sync.parts import content_parts
from tests import snapshot
from tests.exams.authoring import acts, nothing
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


def state_shown(client: Client) -> str:
    text: str = client.get("/api/v1/certifications/mls-c01/").json()["state"]
    return text


@pytest.mark.usefixtures("folder")
def test_one_published_change_turns_a_beta_live_and_nothing_does_before_it(client: Client) -> None:
    past, planned = dt.date(2026, 9, 29), timezone.localdate() - dt.timedelta(days=1)
    facts = {"beta_on": past.isoformat(), "live_on": planned.isoformat(), "retired_on": ""}
    change_facts(**facts, planned_facts=["live_on", "duration_minutes"])
    # Its planned day has passed.
    assert state_shown(client) == "beta"
    draft = acts.begin(certification(), "catalogue", "catalogue")
    draft = acts.approve(draft, {"facts": {**draft.content["facts"], "planned_facts": []}})
    assert state_shown(client) == "beta"
    acts.publish_approved(draft)
    assert state_shown(client) == "live"
    assert certification().planned_facts == []


@pytest.mark.usefixtures("folder")
def test_days_and_planned_facts_are_exported_and_loaded_again_as_they_were(tmp_path: Path) -> None:
    planned = ["live_on", "duration_minutes", "items_total", "exam_fee_usd"]
    change_facts(beta_on="2026-09-29", live_on="2027-01-14", retired_on="", planned_facts=planned)
    files = export("mls-c01")
    facts = yaml.safe_load(files["blueprint.yaml"])["certification"]
    assert (facts["beta_on"], facts["live_on"]) == ("2026-09-29", "2027-01-14")
    assert facts["planned"] == ["live_on", "duration_minutes", "questions_total", "exam_fee_usd"]
    assert not {"status", "retired_on"} & facts.keys()
    for name, data in files.items():
        (tmp_path / "again" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "again" / name).write_bytes(data)
    Certification.objects.update(beta_on=None, live_on=None, planned_facts=[])
    load_again(tmp_path / "again", "catalog")
    assert certification().planned_facts == planned
    assert certification().live_on == dt.date(2027, 1, 14)
    assert export("mls-c01") == files
    assert load_again(tmp_path / "again").is_empty


def remarks(**facts: Any) -> list[tuple[str, str, bool]]:
    content = nothing.content()
    content["facts"] |= facts
    found = CatalogKind().remarks(Certification(code="lk-07"), "catalogue", CatalogKind().validate(content))
    return [(one.field, one.rule, one.blocks) for one in found]


@pytest.mark.parametrize(
    ("facts", "remark"),
    [
        (
            {"live_on": "2027-01-14", "retired_on": "2026-12-31"},
            ("facts.retired_on", "days-in-order", True),
        ),
        ({"planned_facts": ["beta_on"]}, ("facts.beta_on", "nothing-planned", True)),
        (
            {"live_on": "2026-01-14", "planned_facts": ["live_on"]},
            ("facts.live_on", "plan-passed", False),
        ),
    ],
)
def test_days_out_of_order_and_plans_without_a_day_or_from_the_past_are_remarks(
    facts: dict[str, Any], remark: tuple[str, str, bool]
) -> None:
    assert remark in remarks(**facts)
    assert not [one for one in remarks(live_on="2040-01-14", planned_facts=["live_on"]) if "_on" in one[0]]
    # The exam may be planned before anybody knows its day.
    assert not [one for one in remarks(planned_facts=["live_on"]) if "_on" in one[0]]


@pytest.mark.parametrize(("status", "planned"), [("active", []), ("announced", ["live_on"])])
@pytest.mark.usefixtures("folder")
def test_a_draft_from_before_there_were_days_is_shown_saved_and_published(
    status: str, planned: list[str], client: Client
) -> None:
    draft = acts.begin(certification(), "catalogue", "catalogue")
    new = ("beta_on", "live_on", "planned_facts")
    old = {name: fact for name, fact in draft.content["facts"].items() if name not in new}
    content = {**draft.content, "facts": {**old, "status": status, "retired_on": "", "exam_fee_usd": 7}}
    Draft.objects.filter(pk=draft.pk).update(content=content, revision=draft.revision + 1, digest="0" * 64)
    draft.refresh_from_db()
    client.force_login(acts.staff("authors"))
    page = client.get(reverse("admin:exams_draft_edit", args=[draft.pk]))
    assert page.status_code == 200
    acts.publish(draft, {})
    assert (certification().exam_fee_usd, certification().planned_facts) == (7, planned)


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
