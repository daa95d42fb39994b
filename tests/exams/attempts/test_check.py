"""The check: a timed drill of the free sample for every account, and where it puts a person."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import override_settings

from accounts.profile.models import Accommodation, Profile
from accounts.users.models import User
from exams.admin.attempts import _begun
from exams.assembly import sample as samples
from exams.attempts import drills, grading, lifecycle, pools, results, selectors, staff
from exams.attempts.drills import DrillSettings
from exams.attempts.models import Attempt, Feedback, Mode, State
from exams.attempts.pools import Filters, Pool
from exams.attempts.score_codec import StoredEstimate
from exams.bank.models import Item, ItemVersion
from exams.feedback import response_distribution
from exams.feedback.models import OptionCount
from exams.insights import evidence
from exams.scoring.rules import Key
from exams.statistics import counting
from tests import factories
from tests.accounts.selling import CODE, give, sell
from tests.exams.attempts.helpers import past_deadline
from tests.exams.attempts.practice import (
    CHECK_DOMAINS,
    check,
    draw,
    finish_check,
    finish_exam,
    make_check,
    versions_of,
)
from tests.factories import Form, make_sample, start
from tests.flows.sat import code

pytestmark = pytest.mark.django_db

ALL = frozenset(range(1, 21))
# 5 of 6, 4 of 5, 3 of 5 and 2 of 4 correct.
MIXED = ALL - {6, 11, 15, 16, 19, 20}


@pytest.fixture
def locked(form: Form) -> Form:
    """A certification that is sold, with a sample of twenty."""
    make_check(form)
    sell()
    return form


# --- Who may start it, and how


def test_an_account_without_access_takes_all_twenty_in_order_timed_with_answers_at_the_end(
    anna: User, locked: Form
) -> None:
    begun = check(anna, locked)
    attempt = Attempt.objects.get(pk=begun.attempt_id)
    assert begun.created
    assert begun.lease
    assert attempt.deadline_at == attempt.started_at + timedelta(minutes=25)
    assert (attempt.mode, attempt.feedback) == (Mode.DRILL, Feedback.AT_END)
    assert versions_of(begun.attempt_id) == samples.check_versions(locked.form.certification)
    assert len(set(versions_of(begun.attempt_id))) == 20


def test_who_has_access_may_take_it_too(anna: User, locked: Form) -> None:
    give(anna)
    assert check(anna, locked).created


def test_it_takes_an_address_that_was_confirmed(locked: Form) -> None:
    newcomer = factories.make_user(verified=False)
    assert code(lambda: check(newcomer, locked)) == "no_access"
    assert not Attempt.objects.exists()


def test_a_sample_of_ten_or_of_nineteen_in_use_has_no_check(anna: User, form: Form) -> None:
    certification = form.form.certification
    assert code(lambda: check(anna, form)) == "not_found"
    make_sample(certification)
    assert not samples.size("mls-c01").has_check
    assert code(lambda: check(anna, form)) == "not_found"
    make_sample(factories.make_certification("abc-1"), domains=CHECK_DOMAINS)
    assert code(lambda: check(anna, form)) == "not_found"


def test_without_one_of_its_questions_there_is_no_check(anna: User, locked: Form) -> None:
    item = ItemVersion.objects.get(pk=samples.check_versions(locked.form.certification)[19]).item
    samples.drop([item.pk])
    assert code(lambda: check(anna, locked)) == "not_found"
    assert not samples.size("mls-c01").has_check


def test_of_thirty_visitors_try_ten_and_the_check_asks_the_twenty_others(anna: User, form: Form) -> None:
    make_sample(form.form.certification, domains=(1,) * 10 + CHECK_DOMAINS)
    begun = check(anna, form)
    asked = ItemVersion.objects.filter(pk__in=versions_of(begun.attempt_id))
    assert {version.item.code for version in asked} == {f"S{number}" for number in range(11, 31)}
    assert versions_of(begun.attempt_id) == [version for _, version in samples.positions("mls-c01")[10:]]
    tried = samples.get("mls-c01", "en")
    assert tried
    assert [question.position for question in tried.questions] == list(range(1, 11))
    assert (tried.size.open, tried.size.shared) == (10, 0)
    assert (samples.Size(29).shared, samples.Size(20).shared) == (1, 10)


def test_the_one_that_runs_is_returned_and_no_second_one_started(anna: User, locked: Form) -> None:
    begun, again = check(anna, locked), check(anna, locked)
    assert (again.attempt_id, again.created, again.lease) == (begun.attempt_id, False, None)
    past_deadline(begun.attempt_id, 40)
    assert check(anna, locked).created
    assert Attempt.objects.get(pk=begun.attempt_id).state == State.EXPIRED


def test_one_that_staff_let_go_on_is_returned_although_a_newer_one_ended(anna: User, locked: Form) -> None:
    older = check(anna, locked)
    past_deadline(older.attempt_id, 40)
    newer = check(anna, locked)
    admin = factories.make_staff("admin")
    staff.extend(actor=admin, attempt_id=older.attempt_id, minutes=30, reason="The power failed.")
    finish_check(anna, newer, ALL)
    assert check(anna, locked).attempt_id == older.attempt_id


@pytest.mark.parametrize(
    ("accommodation", "minutes"),
    [
        (Accommodation.PERCENT_25, 32),
        (Accommodation.PERCENT_100, 50),
        # 30 minutes of 180 are for the whole exam: 25 * 30 / 180 = 4.2.
        (Accommodation.ESL, 30),
    ],
)
def test_extra_time_is_given_as_in_an_exam(
    anna: User, locked: Form, accommodation: Accommodation, minutes: int
) -> None:
    Profile.objects.create(user=anna, accommodation=accommodation)
    attempt = Attempt.objects.get(pk=check(anna, locked).attempt_id)
    assert attempt.minutes_allowed == minutes
    assert attempt.deadline_at == attempt.started_at + timedelta(minutes=minutes)
    assert staff.extra_minutes(attempt) == 0


def test_where_a_question_is_withdrawn_in_the_middle_of_a_start_no_limit_is_blamed(
    anna: User, locked: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = samples.check_versions(locked.form.certification)
    Item.objects.filter(versions=versions[3]).update(current=None)
    monkeypatch.setattr(samples, "check_versions", lambda certification: versions)
    assert code(lambda: check(anna, locked)) == "not_found"
    assert not Attempt.objects.exists()


@override_settings(CHECK_STARTS_PER_DAY=2, DRILL_STARTS_PER_DAY=1)
def test_starts_of_a_day_have_a_limit_of_their_own(anna: User, form: Form) -> None:
    make_check(form)
    finish_exam(anna, form)
    for _ in range(2):
        finish_check(anna, check(anna, form), ALL)
    assert code(lambda: check(anna, form)) == "too_many_starts"
    draw(anna, form)
    assert code(lambda: draw(anna, form)) == "too_many_starts"


def test_a_check_opens_nothing_else(anna: User, locked: Form) -> None:
    begun = check(anna, locked)
    finish_check(anna, begun, ALL)
    again = {
        "user": anna, "attempt_id": begun.attempt_id, "positions": None, "drill_settings": DrillSettings(),
        "language": "en", "holder": "session:test",
    }  # fmt: skip
    certification = locked.form.certification
    for act in (
        lambda: draw(anna, locked),
        lambda: start(anna, locked),
        lambda: drills.again(**again),  # type: ignore[arg-type]
        lambda: drills.open_for_practice(user=anna, certification=certification, number=1),
    ):
        assert code(act) == "no_access"


def missed_of(user: User, form: Form) -> list[int]:
    """Return the versions that a person may practice as missed."""
    return pools.version_ids(user, form.form.certification, Filters(Pool.MISSED))


def test_what_was_missed_in_a_finished_check_can_be_practiced_with_access(
    anna: User, bela: User, locked: Form
) -> None:
    begun = check(anna, locked)
    give(anna)
    assert pools.version_ids(anna, locked.form.certification, Filters()) == []
    finish_check(anna, begun, ALL - {3, 7})
    versions = versions_of(begun.attempt_id)
    assert sorted(missed_of(anna, locked)) == sorted([versions[2], versions[6]])
    assert set(versions_of(draw(anna, locked).attempt_id)) <= set(versions)
    assert pools.version_ids(bela, locked.form.certification, Filters()) == []


def test_while_a_check_runs_none_of_its_questions_is_practiced(anna: User, locked: Form) -> None:
    give(anna)
    finish_check(anna, check(anna, locked), ALL - {3})
    assert len(missed_of(anna, locked)) == 1
    second = check(anna, locked)
    assert pools.version_ids(anna, locked.form.certification, Filters()) == []
    assert code(lambda: draw(anna, locked)) == "nothing_to_draw"
    finish_check(anna, second, ALL)
    assert missed_of(anna, locked) == []


def test_a_withdrawn_question_of_a_check_is_not_practiced(anna: User, locked: Form) -> None:
    give(anna)
    begun = check(anna, locked)
    finish_check(anna, begun, ALL - {3, 7})
    versions = versions_of(begun.attempt_id)
    Item.objects.filter(versions=versions[2]).update(current=None)
    assert missed_of(anna, locked) == [versions[6]]


def test_its_review_opens_after_the_end_and_not_before(anna: User, bela: User, locked: Form) -> None:
    begun = check(anna, locked)
    assert code(lambda: results.drill_review(anna, begun.attempt_id, "en")) == "not_finished"
    finish_check(anna, begun, ALL - {3})
    _, items = results.drill_review(anna, begun.attempt_id, "en")
    assert [item.correct for item in items] == [position != 3 for position in range(1, 21)]
    assert all(item.solution.text.why_html for item in items)
    assert code(lambda: results.drill_review(bela, begun.attempt_id, "en")) == "not_found"


# --- The estimate


@pytest.mark.parametrize(
    ("right", "scaled", "band"),
    [
        # .20 * 5/6 + .24 * 4/5 + .36 * 3/5 + .20 * 2/4 = 0.67466...: 100 + 900 * 0.67466... = 707.2;
        # of a beta-binomial of 20 with 13.49 correct the 10th percentile is 9, the 90th 17.
        (MIXED, 707, (505, 865)),
        # Of none correct P(0) = 21/41, P(more than 2) = 20*19*18/(41*40*39) = 0.107, P(more than 3) = 0.048.
        (frozenset(), 100, (100, 235)),
        (ALL, 1000, (865, 1000)),
    ],
)
def test_twenty_answers_give_a_score_with_its_band_by_the_weights_of_the_domains(
    anna: User, form: Form, right: frozenset[int], scaled: int, band: tuple[int, int]
) -> None:
    make_check(form)
    begun = check(anna, form)
    found = finish_check(anna, begun, right)
    assert found.estimate == StoredEstimate(scaled, *band, low=100, high=1000, pass_mark=750)
    assert selectors.drill(anna, begun.attempt_id).estimate == found.estimate


def test_nineteen_answers_give_no_estimate(anna: User, form: Form) -> None:
    make_check(form)
    found = finish_check(anna, check(anna, form), ALL, blank={8})
    assert found.estimate is None
    assert found.right.count("1") == 19


def test_an_answer_with_too_few_options_is_incorrect_for_the_estimate_and_none_in_lists(
    anna: User, bela: User, form: Form
) -> None:
    make_check(form)
    begun = check(anna, form)
    found = finish_check(anna, begun, ALL, incomplete={7})
    assert found.estimate
    assert found.estimate == finish_check(bela, check(bela, form), ALL - {7}).estimate
    assert selectors.drill(anna, begun.attempt_id).done == 19
    [listed] = selectors.own_drills(anna)
    assert listed.done == 19


def test_only_the_first_one_measures(anna: User, bela: User, form: Form) -> None:
    make_check(form)
    assert finish_check(anna, check(anna, form), MIXED).estimate
    assert finish_check(anna, check(anna, form), ALL).estimate is None
    assert finish_check(bela, check(bela, form), ALL).estimate


def test_a_check_that_told_its_answers_was_the_first_one_whatever_was_answered(
    anna: User, form: Form
) -> None:
    make_check(form)
    finish_check(anna, check(anna, form), (), blank=ALL)
    assert finish_check(anna, check(anna, form), ALL).estimate is None


def test_one_that_staff_voided_was_not_the_first(anna: User, form: Form) -> None:
    make_check(form)
    admin = factories.make_staff("admin")
    staff.void(actor=admin, attempt_id=check(anna, form).attempt_id, reason="The power failed.")
    assert finish_check(anna, check(anna, form), ALL).estimate


def test_one_that_its_person_canceled_stays_the_first(anna: User, form: Form) -> None:
    """Its questions were in the reply to its start, with no clock running after that."""
    make_check(form)
    lifecycle.cancel(user=anna, attempt_id=check(anna, form).attempt_id)
    assert finish_check(anna, check(anna, form), ALL).estimate is None


def test_a_question_that_was_ruled_out_does_not_count(anna: User, form: Form) -> None:
    make_check(form)
    versions = samples.check_versions(form.form.certification)
    keys = [Key(frozenset({1}), 1, out=position == 6) for position in range(1, 21)]
    chosen = {position: (1 if position in MIXED else 2,) for position in ALL}
    found = grading._estimate(versions, keys, chosen)
    # Domain 1 has 5 of 5 then: .20 + .24 * 4/5 + .36 * 3/5 + .20 * 2/4 = 0.708
    assert found
    assert found.scaled == 737
    assert grading._estimate(versions, [replace(key, out=True) for key in keys], chosen) is None


def test_a_drill_has_no_estimate(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form, number=65, feedback=Feedback.AT_END)
    assert finish_check(anna, begun, range(1, 9)).estimate is None


def test_scoring_a_check_reads_its_domains_by_one_statement_more_than_a_drill(
    anna: User, form: Form, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    make_check(form)
    begun = check(anna, form)
    finish_check(anna, begun, ALL)
    attempt, chosen = Attempt.objects.get(pk=begun.attempt_id), dict.fromkeys(ALL, (1,)) | {7: (1, 2)}
    with django_assert_num_queries(1):  # type: ignore[operator]
        grading._row(attempt, chosen)


# --- What it does not count in


def test_it_counts_in_no_statistics_and_in_no_estimate_of_the_dashboard(anna: User, form: Form) -> None:
    make_check(form)
    finish_check(anna, check(anna, form), MIXED)
    assert counting.count(form.edition).n == 0
    response_distribution.count()
    assert not OptionCount.objects.exists()
    assert evidence.first_seen(anna, "mls-c01") == []
    assert selectors.own_attempts(anna) == []


def test_an_exam_after_it_is_as_new_as_before(anna: User, form: Form) -> None:
    make_check(form)
    finish_check(anna, check(anna, form), MIXED)
    attempt = Attempt.objects.get(pk=finish_exam(anna, form))
    assert (attempt.seen_before, attempt.seen_positions) == (False, [])
    assert counting.count(form.edition).n == 1


def test_before_a_refund_it_is_not_named_as_begun(anna: User, form: Form) -> None:
    make_check(form)
    finish_check(anna, check(anna, form), MIXED)
    since = Attempt.objects.get().started_at - timedelta(days=1)
    assert _begun(anna, [CODE], since) == []
    finish_exam(anna, form)
    draw(anna, form)
    parts = _begun(anna, [CODE], since)
    assert "Exams: 1" in parts
    assert "Practice sets: 1" in parts
