"""Files of other systems become drafts: told first, taken all or nothing, known again by their source."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from accounts.base.errors import Refused
from accounts.jobs import registry as job_kinds
from accounts.jobs.registry import JobContext, Progress
from accounts.profile import services as profiles
from accounts.users.models import User
from exams.authoring import imports, services
from exams.authoring.models import Draft, ImportFile
from exams.authoring.models import State as DraftState
from exams.bank.models import Item, ItemText, ItemVersion
from exams.bank.services import current_versions
from exams.content.exchange_formats import registry
from exams.content.records import WholeItem
from exams.content_sync.stored import whole_items
from tests import factories
from tests.exams.authoring import acts
from tests.exams.authoring.refusals import refused
from tests.exams.content.exchange_formats import builders
from tests.exams.corrections.helpers import rule
from tests.factories import Form

pytestmark = pytest.mark.django_db

WRITABLE = [one.name for one in registry.FORMATS.values() if one.can_write]
GIFT = """
// [id:other-1]
::S3::Where are objects kept?{=In S3#Yes. ~In EBS#No. ~In EFS#No. ~In FSx#No.}

// [id:other-2]
::Lambda::What runs without servers?{=Lambda#Yes. ~EC2#No. ~EMR#No. ~ECS on EC2#No.}
"""


def upload(form: Form, data: str | bytes = GIFT, format_name: str = "gift") -> ImportFile:
    return imports.store(
        certification=form.form.certification,
        format_name=format_name,
        name="questions.txt",
        data=data.encode() if isinstance(data, str) else data,
        owner=acts.staff("authors"),
    )


def run(kind: str, file: ImportFile, *, partial: bool = False) -> dict[str, Any]:
    """Do the job as a worker does, and return what the page shows."""
    owner: User = file.owner
    if kind == imports.CHECK:
        job = imports.check(file=file, owner=owner)
    else:
        job = imports.take(file=file, owner=owner, partial=partial)
    context = JobContext(job.pk, owner.pk, job.parameters, Progress())
    return dict(job_kinds.kind_of(kind).function(context).result)


def fates(report: dict[str, Any]) -> dict[str, int]:
    return {fate: report[fate] for fate in imports.FATES if report[fate]}


def test_a_check_tells_what_would_be_and_stores_nothing(form: Form) -> None:
    assert fates(run(imports.CHECK, upload(form))) == {"new": 2}
    assert not Draft.objects.exists()


def test_taken_the_items_are_drafts_to_be_reviewed_like_any_other(form: Form) -> None:
    file = upload(form)
    assert fates(run(imports.TAKE, file)) == {"new": 2}
    drafts = Draft.objects.order_by("pk")
    assert [draft.content["source"] for draft in drafts] == ["other-1", "other-2"]
    assert {draft.author for draft in drafts} == {file.owner}
    assert drafts[0].content["texts"]["en"]["options"][0] == {"text": "In S3", "why": "Yes."}
    assert [one["key"] for one in drafts[0].content["options"]] == [True, False, False, False]


def test_the_same_file_again_changes_nothing_and_a_mended_one_updates(form: Form) -> None:
    run(imports.TAKE, upload(form))
    assert fates(run(imports.CHECK, upload(form))) == {"same": 2}
    mended = upload(form, GIFT.replace("In EFS#No.", "In EFS#It is a file system."))
    assert fates(run(imports.TAKE, mended)) == {"changed": 1, "same": 1}
    assert Draft.objects.count() == 2


def test_what_somebody_wrote_in_keeps_the_whole_file_from_being_taken(form: Form) -> None:
    run(imports.TAKE, upload(form))
    draft = Draft.objects.earliest("pk")
    content = {**draft.content, "tags": ["mine"]}
    services.save(draft_id=draft.pk, revision=draft.revision, content=content, actor=acts.staff("authors"))
    mended = upload(form, GIFT.replace("#No.", "#Never."))
    assert fates(run(imports.TAKE, mended)) == {"held": 1, "changed": 1}
    assert [draft.content["texts"]["en"]["options"][1]["why"] for draft in Draft.objects.order_by("pk")] == [
        "No.",
        "No.",
    ]


def test_a_published_item_is_known_by_its_source(form: Form) -> None:
    item = Item.objects.get(code="E1-Q01")
    item.source_id = "other-1"
    item.save()
    report = run(imports.TAKE, upload(form))
    assert fates(report) == {"new": 1, "changed": 1}
    assert ["E1-Q01", "changed", ""] in report["items"]
    newest = ItemText.objects.filter(version=item.current).latest("log_id")
    assert Draft.objects.get(name="E1-Q01").base == newest.log


def test_an_id_that_only_sounds_like_ours_gets_another(form: Form) -> None:
    run(imports.TAKE, upload(form, GIFT.replace("other-1", "E1-Q01")))
    names = set(Draft.objects.values_list("name", flat=True))
    assert "E1-Q01" not in names
    assert len(names) == 2


def test_questions_that_are_only_counted_never_meet_those_of_another_file(form: Form) -> None:
    first, second = (
        f"What is {said}?\nA. One\nB. Two\nC. Three\nD. Four\nANSWER: B\n" for said in ("1 + 1", "3 - 1")
    )
    assert fates(run(imports.TAKE, upload(form, first, "aiken"))) == {"new": 1}
    assert fates(run(imports.TAKE, upload(form, second, "aiken"))) == {"new": 1}
    drafts = Draft.objects.order_by("pk")
    assert [draft.name for draft in drafts] == ["Q1", "Q1-2"]
    assert [draft.content["texts"]["en"]["stem"] for draft in drafts] == ["What is 1 + 1?", "What is 3 - 1?"]


def test_a_file_with_a_fault_names_its_line_and_makes_nothing(form: Form) -> None:
    broken = upload(form, GIFT + "\n::Bad::What?{=One#Yes. ~Two#No.\n")
    report = run(imports.TAKE, broken)
    assert (fates(report), report["taken"], report["faults_total"]) == ({"new": 2}, False, 1)
    assert report["faults"][0][0].startswith("questions.txt:")
    assert not Draft.objects.exists()


def test_the_good_questions_of_a_file_with_a_fault_are_taken_where_that_is_asked_for(form: Form) -> None:
    broken = upload(form, GIFT + "\n::Bad::What?{=One#Yes. ~Two#No.\n")
    report = run(imports.TAKE, broken, partial=True)
    assert (fates(report), report["taken"], report["faults_total"]) == ({"new": 2}, True, 1)
    assert [draft.content["source"] for draft in Draft.objects.order_by("pk")] == ["other-1", "other-2"]


def test_what_somebody_is_writing_stays_as_it_is_when_the_others_are_taken(form: Form) -> None:
    run(imports.TAKE, upload(form))
    draft = Draft.objects.earliest("pk")
    content = {**draft.content, "tags": ["mine"]}
    services.save(draft_id=draft.pk, revision=draft.revision, content=content, actor=acts.staff("authors"))
    mended = upload(form, GIFT.replace("#No.", "#Never."))
    assert fates(run(imports.TAKE, mended, partial=True)) == {"held": 1, "changed": 1}
    whys = [draft.content["texts"]["en"]["options"][1]["why"] for draft in Draft.objects.order_by("pk")]
    assert whys == ["No.", "Never."]


def test_a_file_of_which_nothing_is_read_has_a_fault_and_what_was_skipped(form: Form) -> None:
    report = run(imports.CHECK, upload(form, "::Essay::Tell us.{}\n"))
    assert [line[2] for line in report["faults"]] == ["None of the questions in the file can be imported."]
    assert report["losses_total"] == 1


def test_a_question_that_no_draft_can_hold_is_told_with_its_place_in_the_language_of_the_owner(
    form: Form,
) -> None:
    (item, *_) = whole_items(ItemVersion.objects.filter(form_items__edition=form.edition)).values()
    data = registry.write("yaml", [replace(item, tags=tuple(f"tag-{n}" for n in range(41)))]).data
    file = upload(form, data, "yaml")
    said = {}
    for language in ("en", "hu"):
        profiles.update(file.owner, ui_language=language)
        report = run(imports.TAKE, file)
        assert fates(report) == {"faulty": 1}
        ((_code, _fate, said[language]),) = report["items"]
    line = next(n for n, text in enumerate(data.decode().split("\n"), 1) if item.record.id in text)
    assert said == {
        "en": f"questions.txt:{line}: Tags: At most 40 of these.",
        "hu": f"questions.txt:{line}: Címkék: Ebből legfeljebb 40 lehet.",
    }
    assert not Draft.objects.exists()


def test_our_own_items_come_back_as_they_are(form: Form) -> None:
    versions = ItemVersion.objects.filter(form_items__edition=form.edition)
    items = list(whole_items(versions).values())
    data = registry.write("yaml", items).data
    report = run(imports.CHECK, upload(form, data, "yaml"))
    assert (fates(report), report["losses_total"]) == ({"same": len(items)}, 0)
    changed = [replace(items[0], tags=("new",)), *items[1:]]
    data = registry.write("yaml", changed).data
    assert fates(run(imports.CHECK, upload(form, data, "yaml"))) == {"same": len(items) - 1, "changed": 1}


def illustrated(form: Form, code: str = "E1-Q01") -> None:
    """Publish a question anew, with a drawing that its text shows."""
    draft = acts.begin(form.form.certification, "item", code)
    english = draft.content["texts"]["en"]
    stem = f"![Two bars](figure:two-bars)\n\n{english['stem']}"
    drawing = {"name": "two-bars", "svg": builders.figure().svg}
    changed = {**english, "stem": stem, "figures": [drawing]}
    acts.publish(draft, {"texts": {**draft.content["texts"], "en": changed}})


def published(form: Form) -> list[WholeItem]:
    return list(whole_items(current_versions(form.form.certification.code)).values())


@pytest.mark.parametrize("format_name", WRITABLE)
def test_an_export_that_is_read_again_changes_nothing(form: Form, format_name: str) -> None:
    illustrated(form)
    items = published(form)
    assert any(item.texts for item in items)
    report = run(imports.CHECK, upload(form, registry.write(format_name, items).data, format_name))
    assert fates(report) == {"same": len(items)}
    kept = "The drawing of the figure two-bars is not imported. A question that has it here keeps it."
    said = [line for line in report["losses"] if line[2] == kept]
    assert len(said) == (format_name != "yaml")


@pytest.mark.parametrize("format_name", WRITABLE)
def test_a_question_that_was_edited_elsewhere_keeps_its_drawing_and_its_translation(
    form: Form, format_name: str
) -> None:
    illustrated(form)
    items = [replace(item, tags=("edited",)) for item in published(form)]
    items = [replace(item, record=replace(item.record, ask="Which?")) for item in items]
    run(imports.TAKE, upload(form, registry.write(format_name, items).data, format_name))
    texts = Draft.objects.get(name="E1-Q01", state=DraftState.DRAFT).content["texts"]
    assert [figure["name"] for figure in texts["en"]["figures"]] == ["two-bars"]
    assert texts["en"]["ask"] == "Which?"
    assert texts["hu"]["stem"]


def test_a_drawing_that_the_text_shows_no_more_is_not_kept(form: Form) -> None:
    illustrated(form)
    (item,) = [one for one in published(form) if one.record.id == "E1-Q01"]
    item = replace(item, record=replace(item.record, stem="No figure here.", figures=()))
    run(imports.TAKE, upload(form, registry.write("csv", [item]).data, "csv"))
    draft = Draft.objects.get(name="E1-Q01", state=DraftState.DRAFT)
    assert draft.content["texts"]["en"]["figures"] == []


@pytest.mark.parametrize(
    ("format_name", "data", "code"),
    [("word", b"x", "unknown_format"), ("gift", b"", "empty_file"), ("gift", b" " * 20_000_001, "too_large")],
)
def test_what_is_no_file_to_import_is_refused_at_once(
    form: Form, format_name: str, data: bytes, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        upload(form, data, format_name)
    assert caught.value.code == code
    assert not ImportFile.objects.exists()


def test_a_file_belongs_to_who_uploaded_it(form: Form) -> None:
    with pytest.raises(Refused) as caught:
        imports.take(file=upload(form), owner=factories.make_staff("reviewers"))
    assert caught.value.status == 404


def test_a_draft_that_somebody_opened_since_the_plan_was_made_is_not_written_over(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = Item.objects.get(code="E1-Q01")
    item.source_id = "other-1"
    item.save()
    writer = acts.staff("reviewers")
    plan = imports.plan

    def overtaken(*parts: Any) -> Any:
        made = plan(*parts)
        draft = services.open_draft(
            kind="item", certification=form.form.certification, name="E1-Q01", actor=writer
        )
        content = {**draft.content, "tags": ["mine"]}
        services.save(draft_id=draft.pk, revision=draft.revision, content=content, actor=writer)
        return made

    monkeypatch.setattr(imports, "plan", overtaken)
    file = upload(form)
    with pytest.raises(Refused) as caught, transaction.atomic():
        run(imports.TAKE, file)
    assert caught.value.code == "stale_draft"
    # The job is one transaction, and is tried again: now it finds what was written.
    monkeypatch.setattr(imports, "plan", plan)
    draft = services.open_draft(
        kind="item", certification=form.form.certification, name="E1-Q01", actor=writer
    )
    content = {**draft.content, "tags": ["mine"]}
    services.save(draft_id=draft.pk, revision=draft.revision, content=content, actor=writer)
    assert fates(run(imports.TAKE, file)) == {"new": 1, "held": 1}
    assert Draft.objects.get(name="E1-Q01").content["tags"] == ["mine"]


def test_the_first_words_that_somebody_wrote_about_an_imported_question_are_held(form: Form) -> None:
    item = Item.objects.get(code="E1-Q01")
    item.source_id = "other-1"
    item.save()
    draft = acts.begin(form.form.certification, "item", "E1-Q01")
    content = {**draft.content, "tags": ["mine"]}
    services.save(draft_id=draft.pk, revision=1, content=content, actor=acts.staff("authors"))
    assert fates(run(imports.TAKE, upload(form))) == {"new": 1, "held": 1}
    assert Draft.objects.get(name="E1-Q01").content["tags"] == ["mine"]


def test_a_file_that_is_mended_again_and_again_updates_each_time(form: Form) -> None:
    run(imports.TAKE, upload(form))
    for number in range(3):
        mended = upload(form, GIFT.replace("In EFS#No.", f"In EFS#It is a file system, try {number}."))
        assert fates(run(imports.TAKE, mended)) == {"changed": 1, "same": 1}
    draft = Draft.objects.earliest("pk")
    assert draft.content["texts"]["en"]["options"][2]["why"] == "It is a file system, try 2."


def test_so_many_files_a_day_somebody_may_upload(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_A_DAY", 2)
    for _ in range(2):
        upload(form)
    with refused("too_many_requests"):
        upload(form)
    assert ImportFile.objects.count() == 2
    other = factories.make_staff("reviewers")
    certification = form.form.certification
    imports.store(certification=certification, format_name="gift", name="q.txt", data=b"a", owner=other)


def test_what_is_in_review_is_held_too(form: Form) -> None:
    run(imports.TAKE, upload(form))
    draft = Draft.objects.earliest("pk")
    # The rules are not asked here.
    Draft.objects.filter(pk=draft.pk).update(state=DraftState.REVIEW)
    mended = upload(form, GIFT.replace("In EFS#No.", "In EFS#It is a file system."))
    assert fates(run(imports.TAKE, mended)) == {"held": 1, "same": 1}
    draft.refresh_from_db()
    assert draft.state == DraftState.REVIEW


def test_a_file_with_the_key_that_a_ruling_replaced_becomes_a_draft_that_waits(form: Form) -> None:
    rule(form, 1, "replace", form.others[1][0])
    versions = ItemVersion.objects.filter(item__code="E1-Q01")
    whole = next(iter(whole_items(versions).values()))
    changed = replace(whole, record=replace(whole.record, stem=f"New. {whole.record.stem}"))
    data = registry.write("yaml", [changed]).data
    remarks = run(imports.CHECK, upload(form, data, "yaml"))["remarks"]
    assert [said for _, code, said in remarks if "A ruling changed the key to A." in said]
    assert fates(run(imports.TAKE, upload(form, data, "yaml"))) == {"changed": 1}
    draft = Draft.objects.get()
    with refused("blocked"):
        services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=acts.staff("authors"))
    assert versions.count() == 1
