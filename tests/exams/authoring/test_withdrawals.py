"""Withdrawing takes a question out of every exam at once; a second reviewer confirms or undoes it."""

from collections.abc import Sequence

import pytest
from django.db.models import F
from django.test import override_settings

from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.outbox.models import Mail
from accounts.users.models import User
from exams.assembly import sample as samples
from exams.assembly.models import ExamForm, FormEdition
from exams.attempts import drills, grading, lifecycle, pools
from exams.attempts.models import Attempt
from exams.attempts.pools import Filters
from exams.authoring import forms, history, services, withdrawal, work_queue
from exams.authoring.work_queue import Asked, Reason
from exams.bank import rulings
from exams.bank import services as bank
from exams.bank.models import Item, ItemVersion
from exams.catalog.models import Certification
from exams.publication import pending
from exams.publication import services as publication
from exams.publication.models import PublishLog
from tests import factories
from tests.exams.authoring import acts
from tests.exams.authoring.refusals import refused
from tests.factories import Form

pytestmark = pytest.mark.django_db

CODE = "E1-Q05"


@pytest.fixture
def reviewer() -> User:
    return acts.staff("reviewers")


@pytest.fixture
def second() -> User:
    person = factories.make_user("second@example.org")
    person.is_staff = True
    person.save()
    person.groups.set(acts.staff("reviewers").groups.all())
    return person


def item(code: str = CODE) -> Item:
    return Item.objects.get(code=code)


def spare(
    code: str,
    domain: int = 3,
    *,
    difficulty: str = "medium",
    coverage: Sequence[str] = ("s3",),
    hungarian: bool = True,
    twins: str = "",
) -> Item:
    """Publish a question that is in no exam."""
    certification = Certification.objects.get(code="mls-c01")
    draft = factories.item_draft(code, domain, keys=(False, True, False, False))
    made = bank.ensure_item(certification, draft)
    version = bank.draft_version(made, draft, factories.publish_log())
    ItemVersion.objects.filter(pk=version.pk).update(difficulty=difficulty)
    if hungarian:
        bank.add_text(version, factories.hungarian(draft), factories.publish_log())
    bank.publish(version)
    Item.objects.filter(pk=made.pk).update(coverage=list(coverage), twins=twins)
    return item(code)


def withdraw(*codes: str, actor: User | None = None, reason: str = "It leaked.") -> withdrawal.Withdrawn:
    keys = [item(code).pk for code in codes or (CODE,)]
    return withdrawal.withdraw_all(item_ids=keys, actor=actor or acts.staff("reviewers"), reason=reason)


def codes(number: int = 1) -> list[str]:
    """Return the questions of the current edition of an exam."""
    rows = FormEdition.objects.get(form__number=number, form__current=F("pk")).items.order_by("position")
    return list(rows.values_list("version__item__code", flat=True))


def places(number: int = 1) -> list[tuple[int, str, bool, int]]:
    rows = FormEdition.objects.get(form__number=number, form__current=F("pk")).items.order_by("position")
    return list(rows.values_list("position", "version__item__code", "is_scored", "domain_number"))


# --- What becomes of exams ------------------------------------------------------------------------------
def test_a_question_of_the_same_task_takes_the_place_and_counts_as_the_place_did(form: Form) -> None:
    spare("E9-Q01", 1)
    spare("E9-Q02", 3)
    before = places()
    withdraw()
    assert places() == [(number, "E9-Q02" if code == CODE else code, *rest) for number, code, *rest in before]
    edition = FormEdition.objects.get(form__current=F("pk"))
    assert edition.number == 2
    assert set(edition.papers.values_list("language", flat=True)) == {"en", "hu"}
    assert edition.log.reason == "It leaked."


def test_without_such_a_question_the_exam_is_one_shorter_and_keeps_its_time(form: Form) -> None:
    spare("E9-Q01", 1)
    withdraw()
    assert [code for _, code, *_ in places()] == [
        code for code in (f"E1-Q0{n}" for n in range(1, 9)) if code != CODE
    ]
    assert [position for position, *_ in places()] == list(range(1, 8))
    edition = FormEdition.objects.get(form__current=F("pk"))
    assert edition.minutes == form.edition.minutes
    person = factories.make_user()
    begun = lifecycle.start(user=person, form_id=form.form.pk, language="en", holder="x")
    attempt = Attempt.objects.get(pk=begun.attempt_id)
    assert attempt.edition_id == edition.pk
    # All of the weight of the domain is with the two questions of it that are left.
    assert grading.marking(edition.pk, None)


def test_of_several_questions_the_one_that_is_most_like_it_is_taken(form: Form) -> None:
    spare("E9-Q01", hungarian=False)
    spare("E9-Q02", difficulty="hard")
    spare("E9-Q03", coverage=("ec2",))
    spare("E9-Q05")
    spare("E9-Q04")
    acts.begin(form.form.certification, "item", "E9-Q04")
    order = []
    for _ in range(5):
        (change,) = withdrawal.plan([item()]).forms
        order.append(change.leaving[0].by)
        Item.objects.filter(code=order[-1]).update(current=None)
    assert order == ["E9-Q05", "E9-Q04", "E9-Q03", "E9-Q02", "E9-Q01"]


def test_what_was_ruled_on_or_is_open_to_all_or_asks_the_same_takes_no_place(form: Form) -> None:
    ruled = spare("E9-Q01")
    Item.objects.filter(code="E1-Q06").update(twins="ferry")
    spare("E9-Q02", twins="ferry")
    spare("S77")
    factories.make_sample(form.form.certification)
    assert ruled.current
    log = publication.begin(PublishLog.Source.CORRECTION)
    rulings.store(ruled.current, "credit", (), may_lower=False, cause="unclear", log=log)
    withdraw()
    assert len(codes()) == 7


def test_each_exam_gets_a_question_of_its_own(form: Form) -> None:
    factories.republished(form, number=2)
    spare("E9-Q01")
    spare("E9-Q02")
    withdraw()
    assert (codes(1)[4], codes(2)[4]) == ("E9-Q01", "E9-Q02")
    assert FormEdition.objects.filter(log__reason="It leaked.").values("log").distinct().count() == 1


def test_three_questions_are_withdrawn_by_one_act_and_one_edition(form: Form) -> None:
    spare("E9-Q01")
    spare("E9-Q02")
    spare("E9-Q03", 1)
    done = withdraw("E1-Q05", "E1-Q06", "E1-Q01")
    assert [item.code for item in done.plan.items] == ["E1-Q01", "E1-Q05", "E1-Q06"]
    assert codes() == ["E9-Q03", "E1-Q02", "E1-Q03", "E1-Q04", "E9-Q01", "E9-Q02", "E1-Q07", "E1-Q08"]
    assert FormEdition.objects.get(form__current=F("pk")).number == 2


def test_a_question_that_leaves_too_takes_no_place(form: Form) -> None:
    spare("E9-Q01")
    spare("E9-Q02")
    withdraw("E1-Q05", "E9-Q01")
    assert codes()[4] == "E9-Q02"


@pytest.mark.parametrize(
    ("designed", "fewest"), [(65, 60), (60, 60), (59, 53), (8, 7), (6, 5), (2, 1), (1, 1), (120, 60)]
)
def test_an_exam_never_gets_too_short(designed: int, fewest: int) -> None:
    assert withdrawal.least(designed) == fewest


def test_below_the_limit_nothing_is_withdrawn_and_what_to_write_is_told(form: Form) -> None:
    withdraw("E1-Q05")
    with pytest.raises(Refused) as caught:
        withdraw("E1-Q06", "E1-Q01")
    assert caught.value.code == "too_short"
    said = str(caught.value)
    for words in ("Exam 1", "it needs 7", "2 new questions", "1.1, 3.1"):
        assert words in said
    assert item("E1-Q06").current
    assert item("E1-Q01").current
    spare("E9-Q01", 1)
    spare("E9-Q02", 3)
    withdraw("E1-Q06", "E1-Q01")
    assert len(codes()) == 7


def test_an_exam_that_a_person_put_together_shorter_is_measured_by_that(form: Form) -> None:
    withdraw("E1-Q05")
    assert withdrawal.designed(form.form) == 8
    # A correction of another question is no new design.
    factories.publish_again("E1-Q01")
    assert withdrawal.designed(form.form) == 8
    draft = acts.begin(form.form.certification, "form", "exam-1")
    acts.publish(draft, {"items": draft.content["items"][:6]})
    assert withdrawal.designed(form.form) == 6


def test_no_exam_loses_the_last_question_that_counts_in_a_domain(form: Form) -> None:
    draft = acts.begin(form.form.certification, "form", "exam-1")
    kept = [one for one in draft.content["items"] if one["code"] not in ("E1-Q02",)]
    acts.publish(draft, {"items": kept})
    Item.objects.filter(code="E1-Q02").update(current=None)
    with pytest.raises(Refused) as caught:
        withdraw("E1-Q01")
    assert caught.value.code == "too_short"
    assert "1.1" in str(caught.value)


def test_an_open_draft_of_the_exam_stays_and_is_not_published_with_the_question(form: Form) -> None:
    draft = acts.begin(form.form.certification, "form", "exam-1")
    author, approver = acts.staff("authors"), acts.staff("reviewers")
    services.send_to_review(draft_id=draft.pk, revision=1, actor=author)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=approver)
    withdraw()
    with refused("outdated"):
        services.publish(draft_id=draft.pk, digest=draft.digest, actor=approver, reason="")
    draft = services.rebase(draft_id=draft.pk, revision=1, actor=author)
    with refused("blocked"):
        services.send_to_review(draft_id=draft.pk, revision=1, actor=author)


def test_a_new_draft_of_a_shorter_exam_is_told_the_size_of_the_real_one(form: Form) -> None:
    withdraw()
    draft = acts.begin(form.form.certification, "form", "exam-1")
    remarks = forms.FormKind().remarks(form.form.certification, "exam-1", draft.content)
    assert [(remark.rule, remark.blocks) for remark in remarks] == [("size", False)]


def test_a_question_that_an_earlier_withdrawal_left_in_an_exam_can_be_taken_out(form: Form) -> None:
    Item.objects.filter(code=CODE).update(current=None)
    withdraw()
    assert CODE not in codes()
    with refused("withdrawn_already"):
        withdraw()


def test_what_an_earlier_withdrawal_left_in_an_exam_is_not_confirmed(
    reviewer: User, form: Form, second: User
) -> None:
    audit.record(
        actor=reviewer, action=withdrawal.WITHDRAW, subject=item(), reason="Before", before={"version": 1}
    )
    Item.objects.filter(code=CODE).update(current=None)
    with refused("still_used"):
        withdrawal.confirm(item_id=item().pk, actor=second)
    assert withdrawal.is_waiting(item())


def test_a_restored_question_knows_the_exams_that_stay_as_its_withdrawal_left_them(
    form: Form, reviewer: User
) -> None:
    factories.republished(form, number=2)
    spare("E9-Q01")
    version = item().current_id
    assert version
    withdraw()
    assert withdrawal.still_changed(item()) == []
    withdrawal.restore(item_id=item().pk, version_id=version, actor=reviewer, reason="It was right.")
    first, second = ExamForm.objects.order_by("number")
    assert withdrawal.still_changed(item()) == [
        withdrawal.ChangedExam(first, "E9-Q01"),
        withdrawal.ChangedExam(second, ""),
    ]
    withdraw("E9-Q01")
    assert codes(1)[4] == CODE
    assert [one.form for one in withdrawal.still_changed(item())] == [second]
    draft = acts.begin(form.form.certification, "form", "exam-2")
    acts.publish(draft, {"items": draft.content["items"][:6]})
    assert withdrawal.still_changed(item()) == []


# --- Who takes it now, sample and drills ------------------------------------------------------------------
def test_who_is_taking_the_exam_keeps_the_question_and_is_scored_as_published(form: Form) -> None:
    person = factories.make_user()
    begun = factories.start(person, form)
    withdraw()
    attempt = Attempt.objects.get(pk=begun.attempt_id)
    assert attempt.edition_id == form.edition.pk
    assert attempt.paper is not None
    assert len(attempt.paper.content) == 8


def test_drills_stop_drawing_it_and_the_sample_drops_it(form: Form, anna: User) -> None:
    certification = form.form.certification
    factories.make_sample(certification)
    drills.open_for_practice(user=anna, certification=certification, number=1)
    gone = item().current_id
    assert gone in pools.version_ids(anna, certification, Filters())
    withdraw(CODE, "S03")
    assert gone not in pools.version_ids(anna, certification, Filters())
    sample = samples.get("mls-c01", "en")
    assert sample is not None
    assert [question.position for question in sample.questions] == list(range(1, 10))
    assert "S03" not in dict(samples.positions("mls-c01"))


# --- The second reviewer ----------------------------------------------------------------------------------
def test_the_other_reviewers_are_told_at_once_and_one_of_them_confirms(
    reviewer: User, form: Form, second: User
) -> None:
    factories.make_staff("authors")
    withdraw(actor=reviewer)
    (mail,) = Mail.objects.filter(kind__endswith="question_withdrawn")
    assert mail.to_address == second.email
    assert waiting() == {CODE: (Reason.WITHDRAWN,)}
    assert waiting(reason="withdrawn") == {CODE: (Reason.WITHDRAWN,)}
    with refused("own_act"):
        withdrawal.confirm(item_id=item().pk, actor=reviewer)
    with refused("not_allowed"):
        withdrawal.confirm(item_id=item().pk, actor=acts.staff("authors"))
    withdrawal.confirm(item_id=item().pk, actor=second)
    assert waiting() == {}
    with refused("decided_already"):
        withdrawal.undo(item_id=item().pk, actor=second, reason="It was fine.")
    assert item().current is None


def waiting(**asked: str) -> dict[str, tuple[Reason, ...]]:
    queue = work_queue.waiting(Asked(**asked), 0)  # type: ignore[arg-type]
    return {row.code: row.reasons for row in queue.rows if Reason.WITHDRAWN in row.reasons}


def test_who_reviews_alone_confirms_alone(reviewer: User, form: Form) -> None:
    withdraw(actor=reviewer)
    withdrawal.confirm(item_id=item().pk, actor=reviewer)
    assert not withdrawal.is_waiting(item())
    (act,) = audit.of(item()).filter(action=withdrawal.CONFIRM)
    assert act.after["second_person"] == pending.NOBODY_ELSE


def test_taking_back_restores_question_exams_and_sample(form: Form, second: User) -> None:
    factories.republished(form, number=2)
    factories.make_sample(form.form.certification)
    spare("E9-Q01")
    before = (places(1), places(2), samples.positions("mls-c01"), item().current_id, item("S03").current_id)
    withdraw(CODE, "S03")
    assert codes(1) != codes(2)
    withdrawal.undo(item_id=item().pk, actor=second, reason="It was fine.")
    withdrawal.undo(item_id=item("S03").pk, actor=second, reason="It was fine.")
    after = (places(1), places(2), samples.positions("mls-c01"), item().current_id, item("S03").current_id)
    assert after == before
    assert item("E9-Q01").current
    assert waiting() == {}
    assert [one.action for one in audit.of(item())] == ["undo", "withdraw"]
    edition = ExamForm.objects.get(number=1).current
    assert edition
    assert edition.papers.count() == 2


def test_taking_back_one_of_two_leaves_the_other_out(form: Form, second: User) -> None:
    spare("E9-Q01")
    spare("E9-Q02")
    withdraw("E1-Q05", "E1-Q06")
    withdrawal.undo(item_id=item("E1-Q06").pk, actor=second, reason="It was fine.")
    assert codes()[4:6] == ["E9-Q01", "E1-Q06"]


def test_taking_back_leaves_an_exam_alone_that_was_put_together_anew(form: Form, second: User) -> None:
    withdraw()
    draft = acts.begin(form.form.certification, "form", "exam-1")
    acts.publish(draft, {"items": draft.content["items"][:5]})
    withdrawal.undo(item_id=item().pk, actor=second, reason="It was fine.")
    assert len(codes()) == 5
    assert item().current


@override_settings(FOUR_EYES=False)
def test_without_four_eyes_who_withdrew_may_confirm(reviewer: User, form: Form, second: User) -> None:
    withdraw(actor=reviewer)
    withdrawal.confirm(item_id=item().pk, actor=reviewer)
    assert not withdrawal.is_waiting(item())


def test_the_history_of_an_exam_says_which_questions_left_it_and_came_back(form: Form, second: User) -> None:
    spare("E9-Q02", 1)
    withdraw(CODE, "E1-Q01")
    withdrawal.undo(item_id=item().pk, actor=second, reason="It was fine.")
    said = [event.what for event in history.of_form(form.form) if "exchanged" in event.what]
    assert said == [
        "exchanged questions after a withdrawal (- → E1-Q05)",
        "exchanged questions after a withdrawal (E1-Q01 → E9-Q02, E1-Q05 → -)",
    ]


def test_all_that_left_by_one_act_comes_back_in_its_order_whatever_is_taken_back_first(
    form: Form, second: User
) -> None:
    draft = acts.begin(form.form.certification, "form", "exam-1")
    longer = [{"code": spare(f"E9-Q{number:02d}", 3).code, "scored": True} for number in range(1, 13)]
    acts.publish(draft, {"items": [*draft.content["items"], *longer]})
    before = places()
    withdraw("E1-Q05", "E1-Q06")
    assert len(codes()) == 18
    for code in ("E1-Q06", "E1-Q05"):
        withdrawal.undo(item_id=item(code).pk, actor=second, reason="It was fine.")
    assert places() == before


def test_a_question_comes_back_to_its_place_though_its_replacement_was_withdrawn_too(
    form: Form, second: User
) -> None:
    before = places()
    spare("E9-Q01")
    withdraw()
    spare("E9-Q02")
    withdraw("E9-Q01")
    assert codes()[4] == "E9-Q02"
    withdrawal.undo(item_id=item().pk, actor=second, reason="It was fine.")
    assert places() == before
