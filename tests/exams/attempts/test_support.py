"""What support does to attempts of candidates: within limits, never for itself or for staff, told by mail."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

import pytest

from accounts.access import support
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.outbox.models import Mail
from accounts.profile import services as profiles
from accounts.users.models import User
from exams.attempts import lifecycle, staff
from exams.attempts.models import Attempt, State
from tests.accounts.mails import delivered
from tests.exams.attempts.practice import draw, finish_exam
from tests.factories import Form, make_form, make_staff, make_user, start

pytestmark = pytest.mark.django_db

REASON = "The power went out in the hall"


@pytest.fixture
def helper(db: None) -> User:
    return make_staff("support")


def refusal(act: Callable[[], object]) -> str:
    """Return the code with which an act is refused, "" where it is done."""
    try:
        act()
    except Refused as refused:
        return refused.code
    return ""


def extended(attempt: UUID, actor: User, minutes: int = 10) -> str:
    return refusal(lambda: staff.extend(attempt_id=attempt, minutes=minutes, actor=actor, reason=REASON))


def voided(attempt: UUID, actor: User) -> str:
    return refusal(lambda: staff.void(attempt_id=attempt, actor=actor, reason=REASON))


def test_support_gives_an_attempt_an_hour_in_all_whoever_gave_the_first_minutes(
    anna: User, helper: User, form: Form
) -> None:
    attempt = start(anna, form).attempt_id
    before = Attempt.objects.get().deadline_at
    assert before
    assert extended(attempt, make_staff("admin"), 25) == ""
    assert extended(attempt, helper, 36) == "too_many_minutes"
    assert extended(attempt, helper, 35) == ""
    assert extended(attempt, helper, 1) == "too_many_minutes"
    row = Attempt.objects.get()
    assert row.deadline_at == before + dt.timedelta(minutes=60)
    assert staff.extra_minutes(row) == staff.MINUTES_MOST == 60
    # Extra time of a person is no minute that staff gave, and an administrator is not bound.
    assert extended(attempt, User.objects.get(is_superuser=True), 500) == ""


def test_the_hour_does_not_count_the_extra_time_of_the_person(anna: User, helper: User, form: Form) -> None:
    profiles.update(anna, accommodation="percent_100")
    attempt = start(anna, form).attempt_id
    assert staff.extra_minutes(Attempt.objects.get()) == 0
    assert extended(attempt, helper, 60) == ""


@pytest.mark.parametrize("act", [extended, voided])
def test_support_acts_neither_for_itself_nor_for_staff(
    helper: User, form: Form, act: Callable[[UUID, User], str]
) -> None:
    own = start(helper, form).attempt_id
    assert act(own, helper) == "own_account"
    for colleague in (make_staff("authors"), make_staff("admin")):
        theirs = start(colleague, form).attempt_id
        assert act(theirs, helper) == "staff_account"
    assert not AuditEntry.objects.exists()
    assert set(Attempt.objects.values_list("state", flat=True)) == {State.RUNNING}


@pytest.mark.parametrize("act", [extended, voided])
def test_nobody_else_acts(anna: User, bela: User, form: Form, act: Callable[[UUID, User], str]) -> None:
    attempt = start(anna, form).attempt_id
    for actor in (bela, make_staff("finance"), make_staff("reviewers")):
        assert act(attempt, actor) == "not_allowed"
    assert not AuditEntry.objects.exists()


def test_support_acts_twenty_times_a_day_and_administrators_as_often_as_they_like(
    anna: User, helper: User, form: Form
) -> None:
    attempt = start(anna, form).attempt_id
    for _ in range(support.ACTS_A_DAY):
        assert extended(attempt, helper, 1) == ""
    assert extended(attempt, helper, 1) == "too_many_acts"
    assert voided(attempt, helper) == "too_many_acts"
    assert AuditEntry.objects.filter(actor=helper).count() == support.ACTS_A_DAY == 20
    head = make_staff("admin")
    for _ in range(21):
        assert extended(attempt, head, 1) == ""
    assert voided(attempt, head) == ""


def test_what_support_did_is_on_record_with_its_reason_and_told_to_the_candidate(
    anna: User, helper: User, form: Form
) -> None:
    profiles.update(anna, ui_language="hu", time_zone="Europe/Budapest")
    attempt = start(anna, form).attempt_id
    assert extended(attempt, helper, 15) == ""
    assert voided(attempt, helper) == ""
    rows = AuditEntry.objects.order_by("pk").values_list("action", "actor", "reason")
    assert list(rows) == [("extend", helper.pk, REASON), ("void", helper.pk, REASON)]
    longer, gone = delivered()
    assert longer.to == gone.to == [anna.email]
    assert "15 perc" in str(longer.body)
    assert "CET" in str(longer.body) or "CEST" in str(longer.body)
    assert f"/attempts/{attempt}/" in str(longer.body)
    for mail in (longer, gone):
        assert REASON in str(mail.body)
        assert "MLS-C01" in str(mail.body)
    assert helper.email not in str(longer.body) + str(gone.body)


def test_a_drill_is_called_a_drill(anna: User, helper: User, form: Form) -> None:
    finish_exam(anna, form)
    drill = draw(anna, form).attempt_id
    assert voided(drill, helper) == ""
    [mail] = delivered()
    assert "MLS-C01 practice" in str(mail.body)


def test_nothing_is_told_of_what_was_refused(anna: User, helper: User, form: Form) -> None:
    attempt = start(anna, form).attempt_id
    lifecycle.submit(user=anna, attempt_id=attempt, lease=None)
    assert extended(attempt, helper) == "cannot_extend"
    assert voided(attempt, helper) == "attempt_closed"
    assert not Mail.objects.exists()


def test_the_attempt_of_a_deleted_account_is_voided_without_a_mail(helper: User, form: Form) -> None:
    person = make_user()
    attempt = start(person, make_form(form.form.certification, number=2)).attempt_id
    Attempt.objects.filter(pk=attempt).update(user=None)
    assert voided(attempt, helper) == ""
    assert not Mail.objects.exists()
