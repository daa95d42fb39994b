"""Start, take over, submit, expire, cancel, extend."""

import datetime as dt
from collections.abc import Callable
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.test import override_settings

from accounts.audit.models import AuditEntry
from accounts.base import enqueue
from accounts.base.errors import Refused
from accounts.privacy import services as privacy
from accounts.profile import services as profiles
from accounts.users.models import User
from exams.attempts import answers, grading, lifecycle, selectors, staff
from exams.attempts.models import Attempt, Score, State
from tests.exams.attempts.helpers import age, deadline_of, past_deadline, save
from tests.factories import Form, make_staff, make_user, start

pytestmark = pytest.mark.django_db


def code_of(refusal: pytest.ExceptionInfo[Refused]) -> tuple[str, int]:
    return refusal.value.code, refusal.value.status


def test_a_start_fixes_the_deadline_by_the_clock_of_the_database(anna: User, form: Form) -> None:
    attempt = Attempt.objects.get(pk=start(anna, form).attempt_id)
    assert deadline_of(attempt) - attempt.started_at == dt.timedelta(minutes=180)
    assert (attempt.state, attempt.minutes_allowed, attempt.seen_before) == (State.RUNNING, 180, False)


def test_the_accommodation_is_stamped_and_later_changes_do_not_matter(anna: User, form: Form) -> None:
    profiles.update(anna, accommodation="percent_50")
    attempt = Attempt.objects.get(pk=start(anna, form).attempt_id)
    profiles.update(anna, accommodation="none")
    assert attempt.minutes_allowed == 270
    assert deadline_of(attempt) - attempt.started_at == dt.timedelta(minutes=270)


def test_a_second_start_returns_the_running_attempt_without_a_lease(anna: User, form: Form) -> None:
    first, second = start(anna, form), start(anna, form)
    assert (second.attempt_id, second.created, second.lease) == (first.attempt_id, False, None)


def test_a_start_after_an_overdue_attempt_ends_that_one_first(anna: User, form: Form) -> None:
    first = start(anna, form)
    past_deadline(first.attempt_id, 40)
    second = start(anna, form)
    assert second.created
    assert Attempt.objects.get(pk=first.attempt_id).state in (State.EXPIRED, State.SCORED)
    assert Attempt.objects.get(pk=second.attempt_id).seen_before


def test_who_has_no_access_cannot_start(form: Form) -> None:
    stranger = make_user(verified=False)
    with pytest.raises(Refused) as refusal:
        start(stranger, form)
    assert code_of(refusal) == ("no_access", 403)
    assert not Attempt.objects.exists()


def test_what_runs_is_found_also_by_who_lost_access(anna: User, form: Form) -> None:
    first = start(anna, form)
    EmailAddress.objects.filter(user=anna).update(verified=False)
    assert start(anna, form) == lifecycle.Started(first.attempt_id, created=False, lease=None)


def test_an_unknown_form_is_not_found(anna: User) -> None:
    with pytest.raises(Refused) as refusal:
        lifecycle.start(user=anna, form_id=999, language="en", holder="x")
    assert code_of(refusal) == ("not_found", 404)


@override_settings(EXAM_STARTS_PER_DAY=2)
def test_starts_of_a_day_are_limited(anna: User, form: Form) -> None:
    for _ in range(2):
        lifecycle.cancel(user=anna, attempt_id=start(anna, form).attempt_id)
    with pytest.raises(Refused) as refusal:
        start(anna, form)
    assert code_of(refusal) == ("too_many_starts", 429)


def test_a_start_in_hungarian_gets_the_hungarian_paper_and_another_language_the_original(
    anna: User, bela: User, form: Form
) -> None:
    assert Attempt.objects.get(pk=start(anna, form, "hu").attempt_id).paper_id == form.papers["hu"].pk
    assert Attempt.objects.get(pk=start(bela, form, "de").attempt_id).paper_id == form.papers["en"].pk


def test_taking_over_returns_all_answers_and_ends_the_older_lease(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 1, form.keys[1][0], flagged=True)
    taken = lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="session:b")
    assert [(answer.position, answer.selected, answer.flagged) for answer in taken.answers] == [
        (1, tuple(form.keys[1]), True)
    ]
    with pytest.raises(Refused) as refusal:
        save(begun.lease, 2, 1, form.others[1][0])
    assert refusal.value.code == "lease_taken"


def test_a_stranger_meets_the_same_not_found_as_for_an_absent_attempt(
    anna: User, bela: User, form: Form
) -> None:
    begun = start(anna, form)
    for attempt_id in (begun.attempt_id, uuid4()):
        for act in (
            lambda one: lifecycle.take_lease(user=bela, attempt_id=one, holder="x"),
            lambda one: lifecycle.submit(user=bela, attempt_id=one, lease=begun.lease),
            lambda one: lifecycle.cancel(user=bela, attempt_id=one),
            lambda one: lifecycle.settle(user=bela, attempt_id=one),
            lambda one: lifecycle.answer_without_script(
                user=bela, attempt_id=one, position=1, selected=(), flagged=False
            ),
        ):
            with pytest.raises(Refused) as refusal:
                act(attempt_id)
            assert (*code_of(refusal), str(refusal.value)) == ("not_found", 404, "Attempt not found.")
    assert Attempt.objects.get(pk=begun.attempt_id).state == State.RUNNING


def test_a_repeated_submit_gets_the_same_receipt_also_by_an_old_lease(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 1, form.keys[1][0])
    first = lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    again = lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease="forged")
    assert first == again
    assert first.receipt == answers.receipt(answers.chosen(begun.attempt_id))
    assert first.state == "submitted"


def test_the_receipt_is_the_same_after_scoring(anna: User, form: Form) -> None:
    begun = start(anna, form)
    first = lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    lifecycle.settle(user=anna, attempt_id=begun.attempt_id)
    assert Attempt.objects.get(pk=begun.attempt_id).state == State.SCORED
    assert lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=None) == first


def test_an_old_lease_cannot_submit(anna: User, form: Form) -> None:
    begun = start(anna, form)
    lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="session:b")
    with pytest.raises(Refused) as refusal:
        lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    assert code_of(refusal) == ("lease_taken", 409)
    assert Attempt.objects.get(pk=begun.attempt_id).state == State.RUNNING


def test_a_forged_lease_cannot_submit(anna: User, form: Form) -> None:
    begun = start(anna, form)
    with pytest.raises(Refused) as refusal:
        lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease="forged")
    assert code_of(refusal) == ("not_found", 404)


@pytest.mark.parametrize(
    ("seconds", "state", "at_deadline"),
    [(-60, "submitted", False), (20, "submitted", True), (31, "expired", True), (86_400, "expired", True)],
)
def test_an_attempt_ends_at_its_deadline_at_the_latest(
    anna: User, form: Form, seconds: int, state: str, at_deadline: bool
) -> None:
    begun = start(anna, form)
    past_deadline(begun.attempt_id, seconds)
    receipt = lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    attempt = Attempt.objects.get(pk=begun.attempt_id)
    assert receipt.state == state == attempt.end_reason
    assert (attempt.ended_at == attempt.deadline_at) is at_deadline


def test_an_expired_attempt_scores_like_a_submitted_one_with_the_same_answers(
    anna: User, bela: User, form: Form
) -> None:
    one, other = start(anna, form), start(bela, form)
    for begun in (one, other):
        save(begun.lease, 1, 1, form.keys[1][0])
        save(begun.lease, 2, 3, *form.keys[3])
    lifecycle.submit(user=anna, attempt_id=one.attempt_id, lease=one.lease)
    past_deadline(other.attempt_id, 86_400)
    for user, begun in ((anna, one), (bela, other)):
        lifecycle.settle(user=user, attempt_id=begun.attempt_id)
    first, second = (Attempt.objects.get(pk=begun.attempt_id).scores.get() for begun in (one, other))
    assert (first.scaled, first.result) == (second.scaled, second.result)


def test_an_attempt_that_still_has_grace_is_not_settled(anna: User, form: Form) -> None:
    begun = start(anna, form)
    past_deadline(begun.attempt_id, 15)
    lifecycle.settle(user=anna, attempt_id=begun.attempt_id)
    assert Attempt.objects.get(pk=begun.attempt_id).state == State.RUNNING


def test_a_mistaken_start_can_be_cancelled_and_does_not_count(anna: User, form: Form) -> None:
    begun = start(anna, form)
    for _ in range(2):
        lifecycle.cancel(user=anna, attempt_id=begun.attempt_id)
    attempt = Attempt.objects.get(pk=begun.attempt_id)
    assert (attempt.state, attempt.end_reason) == (State.VOIDED, "cancelled")
    assert not Attempt.objects.get(pk=start(anna, form).attempt_id).seen_before


OPENINGS: dict[str, Callable[[lifecycle.Started, User], object]] = {
    "a lease": lambda begun, user: lifecycle.take_lease(
        user=user, attempt_id=begun.attempt_id, holder="session:b"
    ),
    "a page": lambda begun, user: lifecycle.mark_opened(selectors.head(user, begun.attempt_id)),
}


@pytest.mark.parametrize("opening", list(OPENINGS))
def test_a_cancelled_start_whose_questions_were_opened_makes_the_form_seen(
    anna: User, form: Form, opening: str
) -> None:
    begun = start(anna, form)
    assert not selectors.of_form(anna, form.form.pk).seen
    for _ in range(2):
        OPENINGS[opening](begun, anna)
    opened_at = Attempt.objects.get(pk=begun.attempt_id).opened_at
    assert opened_at
    lifecycle.cancel(user=anna, attempt_id=begun.attempt_id)
    assert selectors.of_form(anna, form.form.pk).seen
    assert Attempt.objects.get(pk=start(anna, form).attempt_id).seen_before
    assert Attempt.objects.get(pk=begun.attempt_id).opened_at == opened_at


def test_a_start_by_a_program_gets_the_questions_at_once_and_counts_as_opened(anna: User, form: Form) -> None:
    begun = lifecycle.start(user=anna, form_id=form.form.pk, language="en", holder="token:1", opened=True)
    attempt = Attempt.objects.get(pk=begun.attempt_id)
    assert attempt.opened_at == attempt.started_at


@pytest.mark.parametrize("sent", [[(1, False)], [(0, True)], [(1, True), (0, True)]])
def test_cleared_answers_and_flags_are_no_answers_so_a_start_can_be_cancelled(
    anna: User, form: Form, sent: list[tuple[int, bool]]
) -> None:
    begun = start(anna, form)
    for seq, (chosen, flagged) in enumerate([*sent, (0, False)] if sent[-1][0] else sent, 1):
        save(begun.lease, seq, 1, *form.keys[1][:chosen], flagged=flagged)
    assert not selectors.taking(anna, begun.attempt_id).has_choice
    lifecycle.cancel(user=anna, attempt_id=begun.attempt_id)
    assert Attempt.objects.get(pk=begun.attempt_id).state == State.VOIDED


def test_an_answered_attempt_cannot_be_cancelled(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 1, form.keys[1][0])
    with pytest.raises(Refused) as refusal:
        lifecycle.cancel(user=anna, attempt_id=begun.attempt_id)
    assert code_of(refusal) == ("already_answered", 409)


def test_a_cancelled_attempt_cannot_be_submitted(anna: User, form: Form) -> None:
    begun = start(anna, form)
    lifecycle.cancel(user=anna, attempt_id=begun.attempt_id)
    with pytest.raises(Refused) as refusal:
        lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    assert code_of(refusal) == ("attempt_closed", 409)


def test_an_extension_moves_the_deadline_and_says_who_and_why(anna: User, form: Form) -> None:
    begun, head = start(anna, form), make_staff("admin")
    before = deadline_of(Attempt.objects.get(pk=begun.attempt_id))
    staff.extend(attempt_id=begun.attempt_id, minutes=10, actor=head, reason="fire alarm")
    assert deadline_of(Attempt.objects.get(pk=begun.attempt_id)) - before == dt.timedelta(minutes=10)
    audit = AuditEntry.objects.get()
    assert (audit.action, audit.actor, audit.reason) == ("extend", head, "fire alarm")


def test_an_extension_reopens_an_expired_attempt_without_a_score(anna: User, form: Form) -> None:
    begun = start(anna, form)
    past_deadline(begun.attempt_id, 45)
    assert lifecycle.expire(begun.attempt_id)
    staff.extend(attempt_id=begun.attempt_id, minutes=10, actor=None, reason="fire alarm")
    assert save(begun.lease, 1, 1, form.keys[1][0])


def test_a_scored_attempt_cannot_be_extended(anna: User, form: Form) -> None:
    begun = start(anna, form)
    past_deadline(begun.attempt_id, 45)
    lifecycle.settle(user=anna, attempt_id=begun.attempt_id)
    with pytest.raises(Refused) as refusal:
        staff.extend(attempt_id=begun.attempt_id, minutes=10, actor=None, reason="late")
    assert code_of(refusal) == ("cannot_extend", 409)
    assert not AuditEntry.objects.exists()


def test_an_extension_into_the_past_is_refused(anna: User, form: Form) -> None:
    begun = start(anna, form)
    age(begun.attempt_id, 7 * 86_400)
    with pytest.raises(Refused):
        staff.extend(attempt_id=begun.attempt_id, minutes=10, actor=None, reason="late")


def test_the_end_of_a_session_ends_its_lease_and_no_other(anna: User, bela: User, form: Form) -> None:
    begun, other = start(anna, form), start(bela, form)
    assert lifecycle.release_leases(anna.pk, "session:another") == 0
    assert save(begun.lease, 1, 1)
    assert lifecycle.release_leases(anna.pk, "session:test") == 1
    with pytest.raises(Refused) as refusal:
        save(begun.lease, 2, 1, form.keys[1][0])
    assert refusal.value.code == "lease_taken"
    assert save(other.lease, 1, 1)


def test_the_end_of_a_token_ends_the_lease_that_it_took(anna: User, form: Form) -> None:
    lifecycle.start(user=anna, form_id=form.form.pk, language="en", holder="session:a")
    attempt = Attempt.objects.get()
    taken = lifecycle.take_lease(user=anna, attempt_id=attempt.pk, holder="token:7")
    privacy.session_ended(anna.pk, "token:8")
    assert save(taken.lease, 1, 1, form.keys[1][0])
    privacy.session_ended(anna.pk, "token:7")
    with pytest.raises(Refused) as refusal:
        save(taken.lease, 2, 1, form.others[1][0])
    assert refusal.value.code == "lease_taken"


def test_the_page_without_script_writes_and_takes_the_lease(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 9, 1, form.others[1][0])
    lifecycle.answer_without_script(
        user=anna, attempt_id=begun.attempt_id, position=1, selected=tuple(form.keys[1]), flagged=False
    )
    assert answers.current(begun.attempt_id)[0].selected == tuple(form.keys[1])
    with pytest.raises(Refused) as refusal:
        save(begun.lease, 10, 1, form.others[1][0])
    assert refusal.value.code == "lease_taken"


def test_late_answers_of_the_page_without_script_are_all_on_record(anna: User, form: Form) -> None:
    begun = start(anna, form)
    past_deadline(begun.attempt_id, 45)
    for position in (1, 2):
        with pytest.raises(Refused) as refusal:
            lifecycle.answer_without_script(
                user=anna,
                attempt_id=begun.attempt_id,
                position=position,
                selected=tuple(form.keys[position]),
                flagged=False,
            )
        assert refusal.value.code == "late"
    assert Attempt.objects.get(pk=begun.attempt_id).refused.count() == 2


def test_an_attempt_is_scored_after_the_commit_that_closes_it(
    anna: User, form: Form, django_capture_on_commit_callbacks: object
) -> None:
    begun = start(anna, form)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
        assert not Score.objects.exists()
    assert Attempt.objects.get(pk=begun.attempt_id).state == State.SCORED


def test_scoring_that_fails_at_the_close_is_left_to_a_worker_even_when_publishing_fails(
    anna: User, form: Form, django_capture_on_commit_callbacks: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    def fail(args: tuple[str], **_: object) -> None:
        sent.append(args[0])
        raise OSError("no broker")

    monkeypatch.setattr(grading.score_attempt, "apply_async", fail)
    monkeypatch.setattr(grading, "compute", broken)
    begun = start(anna, form)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
        assert not sent
    enqueue.drain()
    assert sent == [str(begun.attempt_id)]
    assert Attempt.objects.get(pk=begun.attempt_id).state == State.SUBMITTED
