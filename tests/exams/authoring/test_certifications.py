"""A certification from nothing: begun by an author, hidden until a reviewer puts it on the site."""

from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.access import policy
from accounts.access.models import EVERYTHING, Kind
from accounts.audit.models import AuditEntry
from exams.assembly import selectors as assembly
from exams.authoring import catalog, certifications, services
from exams.authoring.models import Draft
from exams.catalog import selectors
from exams.catalog import services as rows
from exams.catalog.models import Certification, CertificationText, Domain, TaskStatement
from exams.content.parts import read_content
from exams.content_sync.load import load
from exams.content_sync.parts import content_parts
from tests import factories
from tests.accounts import selling
from tests.exams.authoring import acts, made, nothing
from tests.exams.authoring.refusals import refused

pytestmark = pytest.mark.django_db


def test_it_begins_as_a_draft_of_which_nothing_is_said_and_the_site_shows_nothing_of_it() -> None:
    draft = made.begun()
    assert (draft.kind, draft.name, draft.base) == ("catalogue", "catalogue", None)
    assert draft.content["facts"]["items_total"] == 0
    assert draft.content["texts"] == {"en": dict.fromkeys(draft.content["texts"]["en"], "")}
    assert (draft.content["domains"], draft.content["tasks"]) == ([], [])
    assert selectors.certifications("en") == []
    assert selectors.certification(nothing.CODE, "en", acts.staff("authors")) is None
    assert AuditEntry.objects.filter(action="begin").count() == 2


@pytest.mark.parametrize("code", ["", "LK-07", "lk_07", "-lk", "a" * 41])
def test_a_code_that_no_address_can_have_is_refused(code: str) -> None:
    with refused("bad_code"):
        certifications.begin(code=code, language="en", actor=acts.staff("authors"))
    assert not Certification.objects.exists()


def test_a_code_that_is_taken_and_an_unknown_language_are_refused() -> None:
    made.begun()
    with refused("code_taken"):
        made.begun()
    with refused("bad_language"):
        certifications.begin(code="other", language="de", actor=acts.staff("authors"))
    assert (Certification.objects.count(), Draft.objects.count()) == (1, 1)


@pytest.mark.parametrize("role", ["translators", "support", "finance"])
def test_who_does_not_write_begins_none(role: str) -> None:
    with refused("not_allowed"):
        certifications.begin(code=nothing.CODE, language="en", actor=acts.staff(role))
    assert not Certification.objects.exists()


def test_what_is_missing_keeps_it_from_review() -> None:
    draft = made.begun()
    with refused("blocked"):
        services.send_to_review(draft_id=draft.pk, revision=1, actor=acts.staff("authors"))
    found = catalog.CatalogKind().remarks(draft.certification, "catalogue", draft.content)
    fields = {one.field for one in found if one.blocks}
    assert fields == {
        *(f"facts.{name}" for name in ("vendor", "level", "duration_minutes", "pass_mark", "items_scored")),
        *(f"texts.en.{name}" for name in ("name", "summary", "description")),
        "domains",
    }


def test_publishing_makes_facts_texts_domains_and_tasks_of_it() -> None:
    certification = made.written()
    assert (certification.items_total, certification.pass_mark, certification.languages) == (10, 70, ["en"])
    names = dict(CertificationText.objects.values_list("language", "name"))
    assert names == {"en": "Lamp Keeper", "hu": "Lámpaőr"}
    assert list(Domain.objects.values_list("number", "weight_percent")) == [(1, 60), (2, 40)]
    assert list(TaskStatement.objects.values_list("code", flat=True)) == ["1.1", "2.1"]
    assert certification.log is not None
    assert certification.log.source == "person"
    assert not certification.is_listed


def test_a_draft_that_stands_is_not_published_over_one_that_was_published_meanwhile() -> None:
    made.written()
    draft = acts.begin(Certification.objects.get(), "catalogue", "catalogue")
    content = {**draft.content, "facts": {**draft.content["facts"], "exam_fee_usd": 41}}
    draft = services.save(draft_id=draft.pk, revision=1, content=content, actor=acts.staff("authors"))
    services.send_to_review(draft_id=draft.pk, revision=2, actor=acts.staff("authors"))
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=acts.staff("reviewers"))
    rows.set_log(nothing.CODE, factories.publish_log())
    with refused("outdated"):
        services.publish(
            draft_id=draft.pk, digest=draft.digest, actor=acts.staff("reviewers"), reason="newer"
        )


def test_only_a_reviewer_puts_it_on_the_site_and_only_once() -> None:
    draft = made.begun()
    key, reviewer = draft.certification.pk, acts.staff("reviewers")
    with refused("nothing_published"):
        certifications.put_on_site(certification_id=key, actor=reviewer, reason="ready")
    acts.publish(draft, nothing.content())
    with refused("not_allowed"):
        certifications.put_on_site(certification_id=key, actor=acts.staff("authors"), reason="ready")
    certifications.put_on_site(certification_id=key, actor=reviewer, reason="ready")
    with refused("listed_already"):
        certifications.put_on_site(certification_id=key, actor=reviewer, reason="ready")
    with refused("not_found"):
        certifications.put_on_site(certification_id=0, actor=reviewer, reason="ready")
    assert [one.facts.code for one in selectors.certifications("en")] == [nothing.CODE]
    assert AuditEntry.objects.get(action="put on site").reason == "ready"


def test_an_exam_is_offered_in_the_languages_of_its_papers() -> None:
    certification = made.written()
    made.with_questions(certification)
    made.with_exam(certification)
    assert Certification.objects.get().languages == ["en"]
    rows.add_languages(certification, ["hu"])
    rows.add_languages(certification, ["en"])
    assert Certification.objects.get().languages == ["en", "hu"]


def test_staff_open_it_before_it_is_on_the_site_and_others_once_it_is_as_products_say() -> None:
    certification = made.written()
    made.with_questions(certification)
    made.with_exam(certification)
    anna, author = factories.make_user(), acts.staff("authors")
    assert assembly.forms() == []
    assert len(assembly.forms(nothing.CODE)) == 1
    selling.sell("bundle", Kind.BUNDLE, EVERYTHING, 12)
    code = certification.access_code
    assert policy.access_of(author, code).granted
    assert not policy.access_of(anna, code).granted
    assert not policy.access_of(acts.staff("support"), code).granted
    certifications.put_on_site(certification_id=certification.pk, actor=acts.staff("reviewers"), reason="now")
    assert not policy.access_of(author, code).granted
    assert not policy.access_of(anna, code).granted
    assert len(assembly.forms()) == 1


def test_what_was_made_here_goes_to_files_and_comes_back_as_it_was(tmp_path: Path) -> None:
    certification = made.written()
    made.with_questions(certification)
    made.with_exam(certification)
    call_command("export_bank", dir=tmp_path)
    folder = read_content(tmp_path / nothing.CODE, content_parts())
    before = rows.stored(nothing.CODE)
    # How many exams are planned, and the notes of a blueprint, are known from files alone.
    assert list(map(str, load(folder).operations)) == [
        "catalog: certification",
        "blueprint.yaml: kept as it is written",
    ]
    changed = {path for path, row in rows.stored(nothing.CODE).items() if row != before[path]}
    assert changed == {("certification",)}
    assert load(folder).is_empty
    assert not Certification.objects.get().is_listed
