"""Checks: who looked when at which page, without a version; and what waits for somebody to look."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import translation

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from exams.authoring import services, work_queue
from exams.authoring.work_queue import Asked, Reason
from exams.bank.models import Item, ItemVersion
from exams.feedback.models import ProblemReport
from exams.freshness import selectors
from exams.freshness.models import ItemAssignment, ItemCheck
from tests import factories, roles
from tests.exams.authoring import acts
from tests.exams.freshness.test_tasks import PAGE, say, watch
from tests.factories import Form

pytestmark = pytest.mark.django_db

CODE = "E1-Q01"


def check(
    code: str = CODE, *, page: str = PAGE, note: str = "", seen: str = "", role: str = "authors"
) -> ItemCheck:
    item = Item.objects.get(code=code)
    token = seen or selectors.seen([item.pk])[item.pk]
    return work_queue.check(item_id=item.pk, seen=token, page=page, note=note, actor=acts.staff(role))


def age(code: str, days: int) -> None:
    """Make the checks of a question older than they are."""
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE exams_itemcheck DISABLE TRIGGER insert_only")
        cursor.execute(
            "UPDATE exams_itemcheck SET checked_on = checked_on - %s WHERE item_id = "
            "(SELECT id FROM exams_item WHERE code = %s)",
            [days, code],
        )
        cursor.execute("ALTER TABLE exams_itemcheck ENABLE TRIGGER insert_only")


def waiting(**asked: str) -> dict[str, tuple[Reason, ...]]:
    queue = work_queue.waiting(Asked(**asked), acts.staff("authors").pk)  # type: ignore[arg-type]
    return {row.code: row.reasons for row in queue.rows}


def report(form: Form, code: str = CODE) -> ProblemReport:
    person = factories.make_user()
    begun = factories.start(person, form)
    version = Item.objects.get(code=code).current
    assert version
    return ProblemReport.objects.create(
        user=person, attempt_id=begun.attempt_id, version=version, position=1, reason="outdated"
    )


def test_a_check_says_who_when_and_by_which_page_and_publishes_nothing(form: Form) -> None:
    before = ItemVersion.objects.count()
    made = check(note=" limits \n stand ")
    version = Item.objects.get(code=CODE).current
    assert version
    with connection.cursor() as cursor:
        cursor.execute("SELECT (statement_timestamp() AT TIME ZONE 'Europe/Budapest')::date")
        today: dt.date = cursor.fetchone()[0]
    assert (made.person, made.checked_on, made.pages, made.note) == (
        acts.staff("authors"),
        today,
        [PAGE],
        "limits stand",
    )
    assert made.text == version.texts.get(language="en")
    assert ItemVersion.objects.count() == before
    assert AuditEntry.objects.get(action="check").after == {"language": "", "pages": [PAGE], "tasks": []}


def test_checks_are_kept_and_the_newest_holds(form: Form) -> None:
    first, second = check(), check(page="https://docs.aws.amazon.com/s3/")
    item = Item.objects.get(code=CODE)
    assert list(selectors.history(item.pk)) == [second, first]
    assert selectors.last_check(item) == second
    for statement in ("UPDATE exams_itemcheck SET note = 'x'", "DELETE FROM exams_itemcheck"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("page", "note", "code", "field"),
    [
        ("", "", "missing_page", "page"),
        (" ", "ok", "missing_page", "page"),
        ("docs.aws.amazon.com", "", "no_address", "page"),
        ("javascript:alert(1)", "", "no_address", "page"),
        ("https://docs.aws.amazon.com/\u202e", "", "no_address", "page"),
        (PAGE, "x" * 501, "too_long", "note"),
        ("https://a.b/" + "x" * 500, "", "too_long", "page"),
    ],
)
def test_a_check_without_a_page_or_a_reason_is_refused_at_its_field(
    form: Form, page: str, note: str, code: str, field: str
) -> None:
    with pytest.raises(Refused) as caught:
        check(page=page, note=note)
    assert (caught.value.code, caught.value.status, caught.value.extra) == (code, 422, {"field": field})
    assert not ItemCheck.objects.exists()


def test_general_knowledge_needs_no_page_but_says_so(form: Form) -> None:
    made = check(page="", note="A mean is a mean.")
    assert (made.pages, made.note) == ([], "A mean is a mean.")


def test_what_was_changed_or_checked_meanwhile_is_not_checked_unseen(form: Form) -> None:
    item = Item.objects.get(code=CODE)
    seen = selectors.seen([item.pk])[item.pk]
    check()
    with pytest.raises(Refused) as caught:
        check(seen=seen, role="reviewers")
    assert (caught.value.code, caught.value.extra) == ("stale_check", {"person": acts.staff("authors").pk})
    seen = selectors.seen([item.pk])[item.pk]
    say(form, "It is right for another reason.")
    with pytest.raises(Refused) as caught:
        check(seen=seen)
    assert (caught.value.code, caught.value.status) == ("stale_check", 409)
    assert ItemCheck.objects.count() == 1


@pytest.mark.parametrize("role", ["translators", "support", "finance"])
def test_who_writes_no_questions_checks_none_watches_nothing_and_assigns_nobody(
    form: Form, role: str
) -> None:
    item = Item.objects.get(code=CODE)
    person = acts.staff(role)
    for act in (
        lambda: check(role=role),
        lambda: work_queue.assign(item_ids=[item.pk], person=person, actor=person),
        lambda: work_queue.watch(certification_id=item.certification_id, facts=None, actor=person),  # type: ignore[arg-type]
        lambda: work_queue.change(watched_id=1, revision=1, facts=None, is_watched=True, actor=person),  # type: ignore[arg-type]
    ):
        with pytest.raises(Refused) as caught:
            act()
        assert caught.value.code == "not_allowed"


# --- The queue ---------------------------------------------------------------------------------------
def test_what_nobody_checked_waits_until_somebody_does_and_again_when_that_is_old(form: Form) -> None:
    assert waiting()[CODE] == (Reason.UNCHECKED,)
    check()
    assert CODE not in waiting()
    age(CODE, 181)
    assert waiting()[CODE] == (Reason.OLD,)
    assert waiting(reason="old") == {CODE: (Reason.OLD,)}
    with override_settings(CHECK_DAYS=200):
        assert CODE not in waiting()
    check()
    assert CODE not in waiting()


def test_reports_and_names_keep_a_question_waiting_however_fresh_its_check(form: Form) -> None:
    check()
    report(form)
    watch(form, "Amazon Sumerian")
    say(form, "Because Amazon Sumerian was cheaper.")
    assert waiting()[CODE] == (Reason.REPORTED, Reason.NAMED)
    assert next(iter(waiting())) == CODE
    assert list(waiting(reason="reported")) == list(waiting(reason="named")) == [CODE]
    check()
    assert waiting()[CODE] == (Reason.REPORTED,)
    ProblemReport.objects.update(state="unchanged", answer="It is fine.", answered_at=Now())
    assert CODE not in waiting()


def test_the_queue_says_words_age_person_and_draft(form: Form) -> None:
    author = acts.staff("authors")
    item = Item.objects.get(code=CODE)
    draft = acts.begin(form.form.certification, "item", CODE)
    work_queue.assign(item_ids=[item.pk], person=author, actor=author)
    check("E1-Q02")
    age("E1-Q02", 400)
    rows = {row.code: row for row in work_queue.waiting(Asked(), author.pk).rows}
    assert (rows[CODE].assignee, rows[CODE].draft_id, rows[CODE].checked_days) == (
        author.email,
        draft.pk,
        None,
    )
    assert "A ferry operator" in rows[CODE].html
    assert rows["E1-Q02"].checked_days == 400
    assert list(waiting(assigned="me")) == [CODE]
    assert CODE not in waiting(assigned="nobody")
    assert waiting(certification="clf-c02") == {}


def test_an_assignment_is_kept_told_once_and_ends_with_the_check(form: Form) -> None:
    author = acts.staff("authors")
    item = Item.objects.get(code=CODE)
    assert work_queue.assign(item_ids=[item.pk], person=author, actor=author) == 1
    assert work_queue.assign(item_ids=[item.pk], person=author, actor=author) == 0
    assert AuditEntry.objects.filter(action="assign").count() == 1
    check()
    assert not ItemAssignment.objects.exists()


def test_a_withdrawn_question_waits_for_nobody(form: Form) -> None:
    Item.objects.filter(code=CODE).update(current=None)
    assert CODE not in waiting()
    with pytest.raises(Refused) as caught:
        check(seen="1.0")
    assert caught.value.code == "not_found"


def test_refusals_speak_the_language_of_the_reader(form: Form) -> None:
    with pytest.raises(Refused) as caught:
        check(page="", note="")
    with translation.override("hu"):
        assert "oldal" in str(caught.value)


def test_a_draft_of_a_question_is_found_from_the_queue(form: Form) -> None:
    draft = acts.begin(form.form.certification, "item", CODE)
    services.discard(draft_id=draft.pk, actor=acts.staff("authors"), reason="not needed")
    rows = {row.code: row for row in work_queue.waiting(Asked(), 0).rows}
    assert rows[CODE].draft_id is None
