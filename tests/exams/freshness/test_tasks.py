"""Tasks follow the texts: opened by a mention of a watched name, closed when it is gone or was looked at."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.jobs import runner
from accounts.jobs.models import Job
from exams.authoring import withdrawal, work_queue
from exams.bank import services as bank
from exams.bank.models import Item
from exams.content.records import WatchedNameRecord
from exams.freshness import jobs, selectors, tasks
from exams.freshness.models import ReviewTask, WatchedName
from tests import factories
from tests.exams.authoring import acts
from tests.factories import Form

pytestmark = pytest.mark.django_db

PAGE = "https://aws.amazon.com/about-aws/whats-new/"
CODE = "E1-Q01"


def facts(name: str, successor: str = "") -> WatchedNameRecord:
    return WatchedNameRecord(name, successor, dt.date(2025, 1, 31), PAGE)


def watch(form: Form, name: str, successor: str = "") -> WatchedName:
    return work_queue.watch(
        certification_id=form.form.certification_id,
        facts=facts(name, successor),
        actor=acts.staff("authors"),
    )


def say(form: Form, words: str, *, language: str = "en", code: str = CODE) -> None:
    """Publish a question whose text in a language says so, as an author and a reviewer do."""
    draft = acts.begin(form.form.certification, "item", code)
    text = {**draft.content["texts"][language], "why": words}
    acts.publish(draft, {"texts": {**draft.content["texts"], language: text}})


def check(code: str = CODE) -> None:
    item = Item.objects.get(code=code)
    seen = selectors.seen([item.pk])[item.pk]
    work_queue.check(item_id=item.pk, seen=seen, page=PAGE, note="", actor=acts.staff("authors"))


def waiting() -> list[tuple[str, str]]:
    rows = ReviewTask.objects.filter(closed_at=None).order_by("item__code", "watched__name")
    return list(rows.values_list("item__code", "watched__name"))


def test_a_name_that_is_watched_finds_the_questions_that_mention_it_at_once(form: Form) -> None:
    say(form, "Because Amazon Sumerian was cheaper.")
    watch(form, "Amazon Sumerian")
    assert waiting() == [(CODE, "Amazon Sumerian")]


def test_a_question_that_begins_to_mention_a_name_gets_its_task_when_it_is_published(form: Form) -> None:
    watch(form, "Amazon Sumerian")
    assert waiting() == []
    say(form, "Because Amazon Sumerian was cheaper.")
    assert waiting() == [(CODE, "Amazon Sumerian")]


@pytest.mark.parametrize(
    ("name", "successor", "language", "words", "found"),
    [
        ("Amazon Sumerian", "", "en", "by Amazon\nSumerian.", True),
        ("Amazon Sumerian", "", "en", "by amazon sumerian.", False),
        ("Snow", "", "en", "by Snowflake.", False),
        ("Snow", "", "en", "a (Snow) job", True),
        ("Edge Manager", "", "hu", "az Edge Managerrel.", True),
        ("Amazon Athena", "", "hu", "az Amazon Athenával.", True),
        ("Amazon Athena", "", "hu", "az Amazon AthenaX.", False),
        ("SageMaker", "SageMaker AI", "en", "by SageMaker AI.", False),
        ("SageMaker", "SageMaker AI", "en", "by SageMaker AI or SageMaker.", True),
        ("Amazon Ground Truth", "Ground Truth", "en", "by Amazon Ground Truth.", True),
        ("C++ (old)", "", "en", "by C++ (old), not by C.", True),
        ("C++ (old)", "", "en", "by CCC old.", False),
        ("a.c", "", "en", "by abc.", False),
        ("100%", "", "en", "by 100% of it.", True),
    ],
)
def test_a_mention_is_the_name_as_a_word(
    form: Form, name: str, successor: str, language: str, words: str, found: bool
) -> None:
    say(form, words, language=language)
    watch(form, name, successor)
    assert waiting() == ([(CODE, name)] if found else [])


@pytest.mark.parametrize("place", ["stem", "ask", "principle", "tip", "option", "rationale"])
def test_every_text_of_a_question_is_looked_through(form: Form, place: str) -> None:
    draft = acts.begin(form.form.certification, "item", CODE)
    text = dict(draft.content["texts"]["en"])
    named = "Amazon Sumerian is named. Which answer is right?"
    if place in ("option", "rationale"):
        first, *others = text["options"]
        text["options"] = [{**first, "text" if place == "option" else "why": named}, *others]
    else:
        text[place] = named
    acts.publish(draft, {"texts": {**draft.content["texts"], "en": text}})
    watch(form, "Amazon Sumerian")
    assert waiting() == [(CODE, "Amazon Sumerian")]


def test_a_task_closes_itself_when_the_current_version_no_longer_has_the_name(form: Form) -> None:
    watch(form, "Amazon Sumerian")
    say(form, "Because Amazon Sumerian was cheaper.")
    say(form, "Because it was cheaper.")
    assert waiting() == []
    task = ReviewTask.objects.get()
    assert (task.outcome, task.closed_by) == (ReviewTask.Outcome.GONE, None)
    assert AuditEntry.objects.filter(subject_type="exams.reviewtask", action="close", actor=None).count() == 1


def test_a_withdrawn_question_waits_for_nobody_and_waits_again_once_it_is_back(form: Form) -> None:
    watch(form, "Amazon Sumerian")
    say(form, "Because Amazon Sumerian was cheaper.")
    item, reviewer = Item.objects.get(code=CODE), acts.staff("reviewers")
    version = item.current_id
    assert version
    withdrawal.withdraw(item_id=item.pk, actor=reviewer, reason="it is old")
    assert waiting() == []
    withdrawal.restore(item_id=item.pk, version_id=version, actor=reviewer, reason="it is not")
    assert waiting() == [(CODE, "Amazon Sumerian")]


def test_a_name_that_is_let_go_closes_its_tasks(form: Form) -> None:
    say(form, "Because Amazon Sumerian was cheaper.")
    row = watch(form, "Amazon Sumerian")
    work_queue.change(
        watched_id=row.pk,
        revision=row.revision,
        facts=facts("Amazon Sumerian"),
        is_watched=False,
        actor=acts.staff("authors"),
    )
    assert ReviewTask.objects.get().outcome == ReviewTask.Outcome.LET_GO
    assert WatchedName.objects.count() == 1


def test_what_somebody_looked_at_stays_closed_until_words_or_facts_change(form: Form) -> None:
    row = watch(form, "Amazon Sumerian")
    say(form, "Because Amazon Sumerian was cheaper.")
    check()
    tasks.refresh(form.form.certification_id)
    assert waiting() == []
    assert ReviewTask.objects.get().closed_by == acts.staff("authors")
    say(form, "Because Amazon Sumerian is closed.")
    assert waiting() == [(CODE, "Amazon Sumerian")]
    check()
    work_queue.change(
        watched_id=row.pk,
        revision=row.revision,
        facts=replace(facts("Amazon Sumerian"), successor="Inferentia"),
        is_watched=True,
        actor=acts.staff("authors"),
    )
    assert waiting() == [(CODE, "Amazon Sumerian")]
    assert ReviewTask.objects.count() == 3


def test_a_look_through_the_texts_done_again_changes_nothing(form: Form) -> None:
    watch(form, "Amazon Sumerian")
    say(form, "Because Amazon Sumerian was cheaper.")
    before = list(ReviewTask.objects.values())
    assert tasks.refresh(form.form.certification_id) == tasks.Refreshed(0, 0)
    assert list(ReviewTask.objects.values()) == before


def test_questions_of_another_certification_are_left_alone(form: Form) -> None:
    other = factories.make_form(factories.make_certification("clf-c02"), number=2)
    watch(form, "Amazon Sumerian")
    say(other, "Because Amazon Sumerian was cheaper.", code="E2-Q01")
    assert waiting() == []


def test_a_night_has_one_job_which_finds_what_came_by_other_roads(form: Form) -> None:
    jobs.start_if_due()
    assert not Job.objects.filter(kind=jobs.KIND).exists()
    watch(form, "Amazon Sumerian")
    version = Item.objects.get(code=CODE).current
    assert version
    text = replace(factories.hungarian(factories.item_draft(CODE, 1)), tip="Amazon Sumerian is.")
    bank.add_text(version, text, factories.publish_log())
    jobs.start_if_due()
    jobs.start_if_due()
    assert Job.objects.filter(kind=jobs.KIND).count() == 1
    runner.run_due()
    assert Job.objects.get(kind=jobs.KIND).result == {"opened": 1, "closed": 0}
    assert waiting() == [(CODE, "Amazon Sumerian")]


def test_of_one_name_a_question_has_one_open_task_whoever_writes_it(form: Form) -> None:
    watch(form, "Amazon Sumerian")
    say(form, "Because Amazon Sumerian was cheaper.")
    task = ReviewTask.objects.get()
    task.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        task.save(force_insert=True)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"name": " \u202e "}, "missing_name", "name"),
        ({"name": "x" * 121}, "too_long", "name"),
        ({"successor": "x" * 121}, "too_long", "successor"),
        ({"successor": "Amazon Sumerian"}, "same_name", "successor"),
        ({"page": "http://aws.amazon.com/"}, "no_address", "page"),
        ({"page": "https://a b.com/"}, "no_address", "page"),
        ({"page": "https://[a.b/"}, "no_address", "page"),
        ({"page": "https://a.b/" + "x" * 500}, "too_long", "page"),
    ],
)
def test_a_name_without_sound_facts_is_refused_at_its_field(
    form: Form, change: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Refused) as caught:
        work_queue.watch(
            certification_id=form.form.certification_id,
            facts=replace(facts("Amazon Sumerian"), **change),
            actor=acts.staff("authors"),
        )
    assert (caught.value.code, caught.value.status, caught.value.extra) == (code, 422, {"field": field})
    assert not WatchedName.objects.exists()


def test_a_name_is_watched_once_and_a_stale_change_of_it_is_refused(form: Form) -> None:
    row = watch(form, "Amazon Sumerian")
    with pytest.raises(Refused) as caught:
        watch(form, "Amazon Sumerian")
    assert (caught.value.code, caught.value.extra) == ("name_known", {"field": "name"})
    other = watch(form, "Edge Manager")
    arguments: dict[str, Any] = {"watched_id": other.pk, "is_watched": True, "actor": acts.staff("authors")}
    with pytest.raises(Refused) as caught:
        work_queue.change(revision=other.revision, facts=facts("Amazon Sumerian"), **arguments)
    assert caught.value.code == "name_known"
    with pytest.raises(Refused) as caught:
        work_queue.change(revision=0, facts=facts("Edge Manager"), **arguments)
    assert (caught.value.code, caught.value.status) == ("stale_name", 409)
    row.refresh_from_db()
    assert (row.revision, row.is_ours) == (1, True)


def test_a_name_that_was_let_go_can_be_watched_again(form: Form) -> None:
    row = watch(form, "Amazon Sumerian")
    actor = acts.staff("authors")
    work_queue.change(
        watched_id=row.pk, revision=1, facts=facts("Amazon Sumerian"), is_watched=False, actor=actor
    )
    again = watch(form, "Amazon Sumerian", "Inferentia")
    assert (again.pk, again.revision, again.is_watched) == (row.pk, 3, True)
    said = AuditEntry.objects.filter(subject_type="exams.watchedname").order_by("pk")
    assert [one.action for one in said] == ["watch", "change", "watch"]
    assert said[1].before["watched"] is True
    assert said[1].after["watched"] is False
