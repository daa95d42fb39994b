"""Publishing beside withdrawing, going back, another publication and a load of files.

The protection is taken away once and is then missed.
"""

import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.base.errors import Refused
from exams.assembly import services as assembly
from exams.assembly.models import FormEdition, Paper
from exams.attempts import grading
from exams.authoring import services, withdrawal
from exams.authoring.items import ItemKind
from exams.authoring.kinds import Current
from exams.authoring.models import Draft
from exams.bank.models import Item, ItemVersion, KeyRuling
from exams.catalog.models import Certification
from exams.content.parts import read_content
from exams.content_sync.load import load
from exams.content_sync.parts import content_parts
from exams.publication import services as publication
from exams.publication.models import PublishLog
from exams.scoring.rules import NothingToScore
from tests import factories
from tests.exams.authoring import acts
from tests.exams.authoring.test_services import with_stem
from tests.exams.content import builders
from tests.exams.corrections.helpers import rule
from tests.factories import Form
from tests.flows.crew import Crew, waiting_for_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hints")]

CODE = "E1-Q05"
PAUSE = 0.5


def approved(certification: Certification) -> Draft:
    """Return an approved draft of a question, its stem changed."""
    author, reviewer = acts.staff("authors"), acts.staff("reviewers")
    draft = acts.begin(certification, "item", CODE)
    content = with_stem(draft, "A draft from before. Which answer is right?")
    content["texts"] = {"en": content["texts"]["en"] | {"ask": "Which one is it?"}}
    draft = services.save(draft_id=draft.pk, revision=draft.revision, content=content, actor=author)
    services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=author)
    return services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)


def beside(draft: Draft, act: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    """Publish a draft, and do something else once its publication has read what is current."""
    compared, ended = Event(), Event()
    current = ItemKind.current

    def slowly(self: ItemKind, certification: Certification, name: str) -> Current | None:
        found = current(self, certification, name)
        compared.set()
        ended.wait(PAUSE)
        return found

    def other() -> Any:
        be_patient()
        compared.wait(10)
        try:
            return act()
        finally:
            ended.set()

    def publish() -> PublishLog:
        be_patient()
        return services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="better")

    reviewer = acts.staff("reviewers")
    monkeypatch.setattr(ItemKind, "current", slowly)
    with Crew(2) as crew:
        made, done = crew.together([publish, other])
    monkeypatch.setattr(ItemKind, "current", current)
    return made, done


def be_patient() -> None:
    """Wait longer for a lock than a page may, as a slow machine needs it."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '20s'; SET statement_timeout = '25s'")


def item() -> Item:
    return Item.objects.select_related("current__log").get(code=CODE)


def withdrawn_beside(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    reviewer = acts.staff("reviewers")
    draft = approved(form.form.certification)
    key = item().pk
    made, done = beside(
        draft, lambda: withdrawal.withdraw(item_id=key, actor=reviewer, reason="it is wrong"), monkeypatch
    )
    assert isinstance(made, PublishLog)
    assert isinstance(done, Item)


def test_a_question_that_is_withdrawn_while_a_draft_of_it_is_published_stays_withdrawn(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    withdrawn_beside(form, monkeypatch)
    assert item().current is None


def gone_back_beside(form: Form, monkeypatch: pytest.MonkeyPatch) -> ItemVersion:
    """Go back to the first version of a question while a draft of its second is published."""
    reviewer = acts.staff("reviewers")
    first = item().current
    assert first
    factories.publish_again(CODE)
    draft = approved(form.form.certification)
    key = item().pk
    _made, done = beside(
        draft,
        lambda: withdrawal.restore(item_id=key, version_id=first.pk, actor=reviewer, reason="it was right"),
        monkeypatch,
    )
    assert isinstance(done, Item)
    return first


def test_who_goes_back_while_a_draft_is_published_has_the_last_word(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = gone_back_beside(form, monkeypatch)
    assert item().current == first
    assert form.form.editions.latest("number").items.get(version__item__code=CODE).version == first


def loaded_beside(directory: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    """Load newer files of a question while a draft of it is published."""
    builders.write_directory(directory, builders.exam())
    load(read_content(directory, content_parts()))
    draft = approved(Certification.objects.get())
    newer = builders.with_option(builders.exam(), 5, "A", text="New in the files")
    builders.write_directory(directory, newer)
    content = read_content(directory, content_parts())
    return beside(draft, lambda: load(content), monkeypatch)


def test_what_files_bring_while_a_draft_is_published_is_not_lost_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, plan = loaded_beside(tmp_path, monkeypatch)
    assert isinstance(made, PublishLog)
    assert not isinstance(plan, Exception)
    # The load came after, found a version of a person, and said that it leaves it alone.
    assert plan.skipped == (CODE,)  # type: ignore[attr-defined]
    assert sources() == ["files", "person"]


def sources() -> list[str]:
    """Return where the versions of the question came from, in their order."""
    rows = ItemVersion.objects.filter(item__code=CODE).order_by("number")
    return list(rows.values_list("log__source", flat=True))


def two_exams_of_one(form: Form, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    """Publish a draft of an exam while a draft of one of its questions is published."""
    author, reviewer = acts.staff("authors"), acts.staff("reviewers")
    exam = acts.begin(form.form.certification, "form", "exam-1")
    first, *rest = exam.content["items"]
    content = {**exam.content, "items": [*rest, first]}
    exam = services.save(draft_id=exam.pk, revision=1, content=content, actor=author)
    services.send_to_review(draft_id=exam.pk, revision=2, actor=author)
    services.approve(draft_id=exam.pk, digest=exam.digest, actor=reviewer)
    draft = approved(form.form.certification)
    return beside(
        draft,
        lambda: services.publish(draft_id=exam.pk, digest=exam.digest, actor=reviewer, reason="order"),
        monkeypatch,
    )


def test_an_exam_that_is_published_beside_one_of_its_questions_is_compared_with_the_edition_that_it_made(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, other = two_exams_of_one(form, monkeypatch)
    assert isinstance(made, PublishLog)
    assert isinstance(other, Refused)
    assert other.code == "outdated"
    current = item().current
    edition = form.form.editions.latest("number")
    assert edition.items.get(version__item__code=CODE).version == current


def ruled_beside(form: Form, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Rule the only question of a new exam out of the score while the exam is published."""
    author, reviewer = acts.staff("authors"), acts.staff("reviewers")
    draft = acts.begin(form.form.certification, "form", "exam-2")
    content = {**draft.content, "items": [{"code": "E1-Q01", "scored": True}]}
    draft = services.save(draft_id=draft.pk, revision=1, content=content, actor=author)
    services.send_to_review(draft_id=draft.pk, revision=2, actor=author)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    checked, ended, compile_paper = Event(), Event(), assembly.compile_paper

    def slowly(edition: FormEdition, language: str) -> tuple[Paper, bool]:
        checked.set()
        ended.wait(PAUSE)
        return compile_paper(edition, language)

    def publish() -> PublishLog:
        be_patient()
        return services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="new")

    def decide() -> KeyRuling:
        be_patient()
        checked.wait(10)
        try:
            return rule(form, 1, "out", cause="unclear")
        finally:
            ended.set()

    monkeypatch.setattr(assembly, "compile_paper", slowly)
    with Crew(2) as crew:
        return crew.together([publish, decide])


def test_a_question_is_not_ruled_out_of_an_exam_that_is_published_with_nothing_else(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, ruling = ruled_beside(form, monkeypatch)
    assert isinstance(made, PublishLog)
    assert isinstance(ruling, Refused)
    assert ruling.code == "empties_domain"


# --- Without the protection --------------------------------------------------------------------------
@pytest.fixture
def unordered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "wait_for_others", lambda: None)
    # Nothing waits for the other one, so that it may take its time.
    monkeypatch.setattr(f"{__name__}.PAUSE", 10)


@pytest.mark.controls
@pytest.mark.usefixtures("unordered")
def test_without_the_lock_a_withdrawal_is_undone_by_a_publication_that_did_not_see_it(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    withdrawn_beside(form, monkeypatch)
    assert item().current is not None


@pytest.mark.controls
@pytest.mark.usefixtures("unordered")
def test_without_the_lock_a_return_is_undone_by_a_publication_that_did_not_see_it(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = gone_back_beside(form, monkeypatch)
    assert item().current != first


def test_a_load_of_files_that_waits_too_long_for_others_says_so_and_stores_nothing(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.exam(1))
    done = Event()

    def publish() -> None:
        with transaction.atomic():
            publication.wait_for_others()
            done.wait(timeout=20)

    def load_files() -> None:
        time.sleep(PAUSE)
        try:
            call_command("load_bank", "--dir", str(tmp_path), stdout=StringIO())
        finally:
            done.set()

    with waiting_for_locks(0.2), Crew(2) as crew:
        _, refused = crew.together([publish, load_files])
    assert isinstance(refused, CommandError)
    assert "Somebody else is publishing. Nothing was stored" in str(refused)
    assert not Certification.objects.exists()


@pytest.mark.controls
@pytest.mark.usefixtures("unordered")
def test_without_the_lock_a_draft_covers_what_files_brought_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded_beside(tmp_path, monkeypatch)
    assert sources() == ["files", "files", "person"]


@pytest.mark.controls
@pytest.mark.usefixtures("unordered")
def test_without_the_lock_an_exam_is_published_in_which_no_question_counts(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, ruling = ruled_beside(form, monkeypatch)
    assert isinstance(made, PublishLog)
    assert isinstance(ruling, KeyRuling)
    edition = FormEdition.objects.get(form__number=2)
    with pytest.raises(NothingToScore):
        grading.compute(grading.marking(edition.pk, ruling.pk), {})
