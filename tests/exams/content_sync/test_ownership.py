"""The bank owns its questions: what a person published, files do not undo unless they are told to."""

from collections.abc import Collection
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from exams.assembly import services as assembly
from exams.assembly.models import ExamForm, FormEdition
from exams.assembly.selectors import current_edition, draft_of, places_of
from exams.authoring import withdrawal
from exams.bank import services as bank
from exams.bank.drafts import CannotPublish
from exams.bank.models import Item, ItemText, ItemVersion
from exams.content.parts import read_content
from exams.content.records import ExamRecord, TranslationRecord
from exams.content_sync.load import load
from exams.content_sync.operations import (
    EditionOperation,
    Plan,
    RenewOperation,
    SkippedOperation,
    TextOperation,
    VersionOperation,
)
from exams.content_sync.parts import content_parts
from exams.content_sync.plan import item_draft, text_draft
from exams.corrections import services as corrections
from exams.corrections.proposals import Proposal
from exams.publication import services as publication
from exams.publication.models import PublishLog
from tests.exams.authoring import acts
from tests.exams.content import builders
from tests.exams.content_sync import ground

pytestmark = pytest.mark.django_db

CODE = "E1-Q05"


def load_files(
    directory: Path,
    exam: ExamRecord,
    *,
    translations: tuple[TranslationRecord, ...] = (),
    overwrite: Collection[str] = (),
) -> Plan:
    builders.write_directory(directory, exam, translations=translations)
    return load(read_content(directory, content_parts()), overwrite=overwrite)


def begin_with(directory: Path, exam: ExamRecord, translations: tuple[TranslationRecord, ...] = ()) -> None:
    """Write files that were loaded before what a test is about."""
    ground.loaded(builders.write_directory(directory, exam, translations=translations))


def by_a_person() -> PublishLog:
    return publication.begin(PublishLog.Source.PERSON, reason="a clearer option")


def publish_here(text: str) -> ItemVersion:
    """Publish a version of an item as the admin does, and the edition that holds it."""
    exam = builders.with_option(builders.exam(), 5, "A", text=text)
    slot = next(slot for slot in builders.plan().slots if slot.id == CODE)
    log = by_a_person()
    version = bank.publish(
        bank.draft_version(Item.objects.get(code=CODE), item_draft(exam.items[4], slot, "en"), log)
    )
    assert assembly.renew(ExamForm.objects.get(number=1), log) is not None
    return version


def placed(number: int) -> dict[str, int]:
    """Return the version of each item of the edition of this number."""
    rows = FormEdition.objects.get(form__number=1, number=number).items.all()
    return {row.version.item.code: row.version_id for row in rows.select_related("version__item")}


def test_what_a_person_published_survives_a_load_and_is_listed(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    version = publish_here("Clearer than before")
    plan = load_files(tmp_path, builders.exam())
    assert (plan.is_empty, plan.skipped) == (True, (CODE,))
    assert Item.objects.get(pk=version.item_id).current == version
    assert placed(2)[CODE] == version.pk
    assert FormEdition.objects.count() == 2


def test_the_same_words_in_bank_and_files_are_nothing_to_leave_alone(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    publish_here("Clearer than before")
    plan = load_files(tmp_path, builders.with_option(builders.exam(), 5, "A", text="Clearer than before"))
    assert plan.operations == ()


def test_files_are_taken_where_their_name_is_given(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    publish_here("Clearer than before")
    plan = load_files(tmp_path, builders.exam(), overwrite=[CODE])
    assert [step.draft.code for step in plan.of(VersionOperation)] == [CODE]
    assert plan.skipped == ()
    now = Item.objects.get(code=CODE).current
    assert now is not None
    assert (now.number, now.log.source) == (3, PublishLog.Source.FILES)
    assert load_files(tmp_path, builders.exam()).is_empty


def test_all_is_everything_that_was_published_here(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    publish_here("Clearer than before")
    assembly.compile_paper(reorder(by_a_person()), "en")
    assert load_files(tmp_path, builders.exam()).skipped == (CODE, "exam-1")
    plan = load_files(tmp_path, builders.exam(), overwrite=["all"])
    assert (plan.skipped, len(plan.of(VersionOperation)), len(plan.of(EditionOperation))) == ((), 1, 1)
    assert load_files(tmp_path, builders.exam()).is_empty


def ruled_out(code: str) -> None:
    """Rule on the current version of an item."""
    version = Item.objects.get(code=code).current
    assert version is not None
    proposal = Proposal(version.pk, "credit", (), False, "unclear")
    corrections.rule(proposal=proposal, seen=None, actor=None, reason="unclear to most")


@pytest.mark.parametrize("overwrite", [[], [CODE]])
def test_a_question_that_was_ruled_on_is_left_alone_also_where_it_is_to_be_taken(
    tmp_path: Path, overwrite: list[str]
) -> None:
    begin_with(tmp_path, builders.exam())
    ruled_out(CODE)
    changed = builders.with_option(builders.exam(), 5, "A", text="New in the files")
    plan = load_files(tmp_path, changed, overwrite=overwrite)
    assert (plan.skipped, plan.of(VersionOperation)) == ((CODE,), [])
    assert str(plan.of(SkippedOperation)[0]).startswith(f"{CODE}: left alone, its key was ruled on")
    assert ItemVersion.objects.filter(item__code=CODE).count() == 1


def test_the_bank_publishes_no_version_that_undoes_a_ruling_unsaid(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    ruled_out(CODE)
    with pytest.raises(CannotPublish, match="there is a ruling on version 1"):
        publish_here("Clearer than before")


def test_other_questions_of_the_exam_still_come_from_files(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    version = publish_here("Clearer than before")
    changed = builders.with_option(builders.exam(), 7, "A", text="New in the files")
    plan = load_files(tmp_path, changed)
    assert [step.draft.code for step in plan.of(VersionOperation)] == ["E1-Q07"]
    assert plan.skipped == (CODE,)
    assert placed(3)[CODE] == version.pk
    assert placed(3)["E1-Q07"] == Item.objects.get(code="E1-Q07").current_id


def test_a_translation_of_a_person_stays_and_another_is_loaded(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam(), translations=(builders.translation(),))
    item = builders.exam().items[4]
    words = next(text for text in builders.translation().items if text.id == item.id)
    here = replace(text_draft(words, item, "hu"), why="Ez jobb magyarázat.")
    bank.add_text(ItemVersion.objects.get(item__code=CODE), here, by_a_person())
    plan = load_files(tmp_path, builders.exam(), translations=(builders.translation(),))
    assert (plan.is_empty, plan.skipped, plan.of(TextOperation)) == (True, (CODE,), [])
    newest = ItemText.objects.filter(version__item__code=CODE, language="hu").latest("revision")
    assert newest.why == "Ez jobb magyarázat."
    taken = load_files(tmp_path, builders.exam(), translations=(builders.translation(),), overwrite=[CODE])
    assert [step.code for step in taken.of(TextOperation)] == [CODE]


def reorder(log: PublishLog) -> FormEdition:
    """Put the first two questions of the exam the other way around, as an author does."""
    form = ExamForm.objects.get(number=1)
    before = current_edition(form.pk)
    assert before is not None
    items = [one.placed for one in places_of([before.pk])[before.pk]]
    first, second, *rest = items
    swapped = (replace(second, position=1), replace(first, position=2), *rest)
    return assembly.publish_edition(form, draft_of(before, swapped), log)


def test_a_form_that_was_put_together_here_keeps_its_shape_and_takes_new_versions(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    edition = reorder(by_a_person())
    assembly.compile_paper(edition, "en")
    plan = load_files(tmp_path, builders.exam())
    assert (plan.is_empty, plan.skipped) == (True, ("exam-1",))
    changed = builders.with_option(builders.exam(), 5, "A", text="New in the files")
    plan = load_files(tmp_path, changed)
    assert (len(plan.of(RenewOperation)), plan.of(EditionOperation)) == (1, [])
    assert list(placed(3))[:2] == ["E1-Q02", "E1-Q01"]
    assert placed(3)[CODE] == Item.objects.get(code=CODE).current_id
    renewed = FormEdition.objects.get(number=3)
    assert (renewed.papers.count(), renewed.log.source) == (1, PublishLog.Source.PERSON)
    plan = load_files(tmp_path, changed)
    assert (plan.is_empty, plan.skipped) == (True, ("exam-1",))
    plan = load_files(tmp_path, changed, overwrite=["exam-1"])
    assert len(plan.of(EditionOperation)) == 1
    assert list(placed(4))[:2] == ["E1-Q01", "E1-Q02"]


def test_a_form_of_here_takes_new_versions_of_questions_of_another_file(tmp_path: Path) -> None:
    first, second = builders.exam(1), builders.exam(2)
    ground.loaded(builders.write_directory(tmp_path, first, second))
    form = ExamForm.objects.get(number=1)
    before = current_edition(form.pk)
    assert before is not None
    code, (_, *rest) = "E2-Q01", [one.placed for one in places_of([before.pk])[before.pk]]
    other = Item.objects.get(code=code).current
    assert other is not None
    lent = replace(rest[0], position=1, version_id=other.pk)
    edition = assembly.publish_edition(form, draft_of(before, (lent, *rest)), by_a_person())
    assembly.compile_paper(edition, "en")
    builders.write_directory(tmp_path, first, builders.with_option(second, 1, "A", text="New in the files"))
    plan = load(read_content(tmp_path, content_parts()))
    assert [operation.number for operation in plan.of(RenewOperation)] == [1]
    assert placed(3)[code] == Item.objects.get(code=code).current_id


def test_the_command_names_what_it_leaves_alone(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    publish_here("Clearer than before")
    said = StringIO()
    call_command("load_bank", dir=tmp_path, stdout=said)
    assert str(SkippedOperation(CODE)) in said.getvalue()
    assert "Nothing to change." in said.getvalue()


def test_each_load_is_one_entry_of_the_log_and_an_empty_one_is_none(tmp_path: Path) -> None:
    load_files(tmp_path, builders.exam())
    load_files(tmp_path, builders.exam())
    log = PublishLog.objects.get()
    assert log.source == PublishLog.Source.FILES
    assert set(ItemVersion.objects.values_list("log", flat=True)) == {log.pk}
    assert set(ItemText.objects.values_list("log", flat=True)) == {log.pk}
    assert set(FormEdition.objects.values_list("log", flat=True)) == {log.pk}


def test_a_form_without_newer_versions_gets_no_edition(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    assert assembly.renew(ExamForm.objects.get(number=1), by_a_person()) is None
    assert FormEdition.objects.count() == 1


def withdraw(code: str = CODE) -> Item:
    """Take an item out of use as a reviewer does."""
    item = Item.objects.get(code=code)
    return withdrawal.withdraw(
        item_id=item.pk, actor=acts.staff("reviewers"), reason="the service was closed"
    )


def test_a_withdrawn_question_is_not_brought_back_by_files_and_is_listed(tmp_path: Path) -> None:
    exam = builders.exam()
    begin_with(tmp_path, exam, translations=(builders.translation(),))
    item = withdraw()
    before = placed(2)
    for changed in (exam, builders.with_option(exam, 5, "A", text="New in the files")):
        plan = load_files(tmp_path, changed, translations=(builders.translation(),))
        assert (plan.skipped, plan.of(VersionOperation), plan.of(TextOperation)) == ((CODE, "exam-1"), [], [])
        assert Item.objects.get(pk=item.pk).current is None
    assert (FormEdition.objects.count(), placed(2)) == (2, before)
    assert CODE not in before


def test_an_exam_stays_without_its_withdrawn_question_while_others_of_it_are_loaded(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    withdraw()
    before = placed(2)
    load_files(tmp_path, builders.with_option(builders.exam(), 7, "A", text="New in the files"))
    after = placed(3)
    assert after.pop("E1-Q07") == Item.objects.get(code="E1-Q07").current_id != before.pop("E1-Q07")
    assert after == before
    assert Item.objects.get(code=CODE).current_id is None


def test_an_exam_keeps_the_version_that_it_has_of_a_withdrawn_question(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    first = placed(1)[CODE]
    version = publish_here("Clearer than before")
    reviewer = acts.staff("reviewers")
    withdrawal.restore(item_id=version.item_id, version_id=first, actor=reviewer, reason="it was right")
    number = FormEdition.objects.count()
    withdraw()
    assert load_files(tmp_path, builders.exam()).is_empty
    assert placed(number)[CODE] == first


@pytest.mark.parametrize("text", ["", "New in the files"])
def test_a_withdrawn_question_is_back_where_its_name_is_given(tmp_path: Path, text: str) -> None:
    begin_with(tmp_path, builders.exam())
    item = withdraw()
    exam = builders.with_option(builders.exam(), 5, "A", text=text) if text else builders.exam()
    plan = load_files(tmp_path, exam, overwrite=[CODE])
    assert ([step.draft.code for step in plan.of(VersionOperation)], plan.skipped) == ([CODE], ("exam-1",))
    item.refresh_from_db()
    assert item.current_id is not None
    load_files(tmp_path, exam, overwrite=[CODE, "exam-1"])
    assert item.current_id == placed(3)[CODE]
    assert load_files(tmp_path, exam).is_empty


def test_no_exam_of_files_gets_a_withdrawn_question_that_it_has_not(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    log = by_a_person()
    form = ExamForm.objects.get(number=1)
    before = current_edition(form.pk)
    assert before is not None
    rest = [one.placed for one in places_of([before.pk])[before.pk] if one.code != CODE]
    shorter = [replace(one, position=position) for position, one in enumerate(rest, start=1)]
    assembly.compile_paper(assembly.publish_edition(form, draft_of(before, shorter), log), "en")
    withdraw()
    for overwrite in ([], ["exam-1"]):
        plan = load_files(tmp_path, builders.exam(), overwrite=overwrite)
        assert (plan.is_empty, plan.skipped) == (True, (CODE, "exam-1"))
    load_files(tmp_path, builders.exam(), overwrite=[CODE, "exam-1"])
    assert CODE in placed(3)


def test_where_a_person_put_a_question_it_stays(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    certification = Item.objects.get(code=CODE).certification
    draft = acts.begin(certification, "item", CODE)
    acts.publish(draft, {"covers": [*draft.content["covers"], "another-topic"]})
    plan = load_files(tmp_path, builders.exam())
    assert (plan.is_empty, plan.skipped) == (True, (CODE,))
    assert "another-topic" in Item.objects.get(code=CODE).coverage
    load_files(tmp_path, builders.exam(), overwrite=[CODE])
    assert "another-topic" not in Item.objects.get(code=CODE).coverage


def set_back(tmp_path: Path) -> tuple[ExamRecord, int]:
    """Load two versions of a question from files and go back to the first; return the newer files too."""
    begin_with(tmp_path, builders.exam())
    first = placed(1)[CODE]
    newer = builders.with_option(builders.exam(), 5, "A", text="New in the files")
    load_files(tmp_path, newer)
    item = Item.objects.get(code=CODE)
    withdrawal.restore(
        item_id=item.pk, version_id=first, actor=acts.staff("reviewers"), reason="the new one is wrong"
    )
    return newer, first


def test_a_question_that_was_set_back_is_not_brought_forward_by_files_and_is_listed(tmp_path: Path) -> None:
    newer, first = set_back(tmp_path)
    number = FormEdition.objects.count()
    for changed in (newer, builders.with_option(builders.exam(), 5, "A", text="Newer still")):
        plan = load_files(tmp_path, changed)
        assert (plan.skipped, plan.of(VersionOperation)) == ((CODE,), [])
        assert Item.objects.get(code=CODE).current_id == first
    assert (FormEdition.objects.count(), placed(number)[CODE]) == (number, first)


def test_a_question_that_was_set_back_comes_from_files_where_its_name_is_given(tmp_path: Path) -> None:
    newer, first = set_back(tmp_path)
    load_files(tmp_path, newer, overwrite=[CODE])
    assert Item.objects.get(code=CODE).current_id != first
    assert load_files(tmp_path, newer).is_empty


def test_a_name_to_overwrite_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    publish_here("Clearer than before")
    with pytest.raises(CommandError) as refused:
        call_command("load_bank", "--dir", str(tmp_path), "--overwrite", CODE, "exam1", stdout=StringIO())
    assert refused.value.returncode == 2
    assert "exam1" in str(refused.value)
    last = builders.exam().items[-1].id
    assert f"there are: all, catalog, exam-1, the questions E1-Q01 to {last}" in str(refused.value)
    assert FormEdition.objects.count() == 2
    call_command("load_bank", "--dir", str(tmp_path), "--overwrite", CODE, "exam-1", stdout=StringIO())
    assert FormEdition.objects.count() == 3
