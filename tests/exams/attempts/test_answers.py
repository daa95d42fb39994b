"""The answer log: what is acknowledged, what is refused, and that a refusal stores nothing but itself."""

import pytest
from django.test import override_settings

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import answers, leases, lifecycle, staff
from exams.attempts.answers import Change
from exams.attempts.models import AnswerEvent, RefusedAnswer
from tests.exams.attempts.helpers import past_deadline, save
from tests.factories import Form, make_form, start

pytestmark = pytest.mark.django_db


def test_a_saved_answer_is_the_one_that_counts(anna: User, form: Form) -> None:
    begun = start(anna, form)
    saved = save(begun.lease, 1, 2, form.others[2][0], flagged=True)
    assert saved.saved_seq == 1
    (answer,) = answers.current(begun.attempt_id)
    assert (answer.position, answer.selected, answer.flagged) == (2, (form.others[2][0],), True)


def test_the_highest_number_wins_in_whatever_order_changes_arrive(anna: User, form: Form) -> None:
    begun = start(anna, form)
    first, second, third = form.others[1]
    for seq, option in ((5, first), (3, second), (4, third)):
        save(begun.lease, seq, 1, option)
    assert answers.current(begun.attempt_id)[0].selected == (first,)


def test_a_newer_lease_wins_over_any_number_of_an_older_one(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 5, 1, form.others[1][0])
    taken = lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="session:b")
    save(taken.lease, 1, 1, form.keys[1][0])
    assert answers.current(begun.attempt_id)[0].selected == tuple(form.keys[1])


def test_a_replay_is_acknowledged_and_stored_once(anna: User, form: Form) -> None:
    begun = start(anna, form)
    for _ in range(3):
        assert save(begun.lease, 1, 1, form.keys[1][0]).saved_seq == 1
    assert AnswerEvent.objects.count() == 1


def test_the_same_choice_in_another_order_is_the_same_payload(anna: User, form: Form) -> None:
    begun = start(anna, form)
    one, two = form.keys[3]
    save(begun.lease, 1, 3, one, two)
    save(begun.lease, 1, 3, two, one)
    assert AnswerEvent.objects.count() == 1


def test_another_content_under_a_used_number_is_refused_and_the_first_kept(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 1, form.keys[1][0])
    with pytest.raises(Refused) as refusal:
        save(begun.lease, 1, 1, form.others[1][0])
    assert (refusal.value.code, refusal.value.status) == ("seq_reused", 409)
    assert answers.current(begun.attempt_id)[0].selected == tuple(form.keys[1])
    recorded = RefusedAnswer.objects.get()
    assert (recorded.reason, recorded.seq, recorded.selected) == ("seq_reused", 1, [form.others[1][0]])


def test_of_a_batch_only_the_change_under_a_used_number_is_refused(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 1, form.keys[1][0])
    assert begun.lease
    lease = leases.read(begun.lease)
    assert lease
    sent = [
        Change(1, 1, (form.others[1][0],), flagged=False),
        Change(2, 2, (form.keys[2][0],), flagged=False),
    ]
    with pytest.raises(Refused) as refusal:
        answers.save(lease, sent)
    assert refusal.value.extra["seq"] == 1
    assert [row.seq for row in RefusedAnswer.objects.all()] == [1]
    assert {answer.position for answer in answers.current(begun.attempt_id)} == {1, 2}


def test_an_old_lease_is_refused_and_the_change_recorded(anna: User, form: Form) -> None:
    begun = start(anna, form)
    lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="session:b")
    with pytest.raises(Refused) as refusal:
        save(begun.lease, 1, 1, form.keys[1][0])
    assert refusal.value.code == "lease_taken"
    assert not AnswerEvent.objects.exists()
    assert RefusedAnswer.objects.get().reason == "lease_taken"


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(-1, True), (0, True), (29, True), (30.5, False), (60, False)]
)
def test_answers_are_accepted_until_30_seconds_after_the_deadline(
    anna: User, form: Form, seconds: float, accepted: bool
) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 1, form.keys[1][0])
    past_deadline(begun.attempt_id, seconds)
    if accepted:
        assert save(begun.lease, 2, 2, form.keys[2][0]).saved_seq == 2
    else:
        with pytest.raises(Refused) as refusal:
            save(begun.lease, 2, 2, form.keys[2][0])
        assert (refusal.value.code, refusal.value.extra["saved"]) == ("late", 1)
        assert "1" in str(refusal.value)
        assert RefusedAnswer.objects.get().seq == 2


def test_a_late_answer_is_stored_under_the_same_number_after_an_extension(anna: User, form: Form) -> None:
    begun = start(anna, form)
    past_deadline(begun.attempt_id, 45)
    with pytest.raises(Refused):
        save(begun.lease, 1, 1, form.keys[1][0])
    staff.extend(attempt_id=begun.attempt_id, minutes=5, actor=None, reason="power cut")
    assert save(begun.lease, 1, 1, form.keys[1][0]).saved_seq == 1
    assert RefusedAnswer.objects.count() == AnswerEvent.objects.count() == 1


def test_an_ended_attempt_takes_no_answer_and_says_how_many_it_has(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 1, form.keys[1][0])
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    with pytest.raises(Refused) as refusal:
        save(begun.lease, 2, 1, form.others[1][0])
    assert (refusal.value.code, refusal.value.extra["saved"]) == ("attempt_closed", 1)
    assert answers.current(begun.attempt_id)[0].selected == tuple(form.keys[1])


def test_refusals_are_recorded_up_to_a_limit(anna: User, form: Form) -> None:
    begun = start(anna, form)
    lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="session:b")
    lease = leases.read(begun.lease or "")
    assert lease
    for base in (0, 100, 200):
        with pytest.raises(Refused):
            answers.save(lease, [Change(base + n, 1, (), False) for n in range(1, 101)])
    assert RefusedAnswer.objects.count() == 200


BAD = {
    "an option of another question": lambda form: Change(1, 1, (form.keys[2][0],), False),
    "too many options": lambda form: Change(1, 3, (*form.keys[3], form.others[3][0]), False),
    "an option twice": lambda form: Change(1, 3, (form.keys[3][0],) * 2, False),
    "a position after the last": lambda form: Change(1, 9, (), False),
    "position zero": lambda form: Change(1, 0, (), False),
    "two options where one is asked": lambda form: Change(1, 1, tuple(form.others[1][:2]), False),
}


@pytest.mark.parametrize("what", list(BAD))
def test_an_answer_that_cannot_be_is_refused_by_its_position_and_nothing_is_stored(
    anna: User, form: Form, what: str
) -> None:
    begun = start(anna, form)
    change = BAD[what](form)
    lease = leases.read(begun.lease or "")
    assert lease
    with pytest.raises(Refused) as refusal:
        answers.save(lease, [Change(2, 2, (), False), change])
    assert (refusal.value.code, refusal.value.status) == ("invalid_answer", 422)
    assert refusal.value.extra["position"] == change.position
    assert not AnswerEvent.objects.exists()
    assert not RefusedAnswer.objects.exists()


def test_fewer_options_than_asked_are_stored(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 3, form.keys[3][0])
    assert answers.current(begun.attempt_id)[0].selected == (form.keys[3][0],)


def test_the_receipt_does_not_depend_on_the_way_to_the_answers(anna: User, bela: User, form: Form) -> None:
    one, other = start(anna, form), start(bela, form)
    save(one.lease, 1, 1, form.keys[1][0])
    save(one.lease, 2, 3, *form.keys[3])
    save(other.lease, 1, 3, *reversed(form.keys[3]))
    save(other.lease, 2, 1, form.others[1][0])
    save(other.lease, 3, 1, form.keys[1][0], flagged=True)
    receipts = {answers.receipt(answers.chosen(begun.attempt_id)) for begun in (one, other)}
    assert len(receipts) == 1
    save(other.lease, 4, 1, form.others[1][0])
    assert answers.receipt(answers.chosen(other.attempt_id)) not in receipts


@override_settings(DATABASE_PREPARES=False)
def test_saving_works_without_prepared_statements(anna: User) -> None:
    form = make_form(languages=("en",))
    begun = start(anna, form)
    assert save(begun.lease, 1, 1, form.keys[1][0]).saved_seq == 1
