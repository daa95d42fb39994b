"""What a drill draws from: exams that were finished or opened, filters, pools, limits, and clear refusals."""

from typing import Any

import pytest
from django.test import override_settings

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import (
    answers,
    drills,
    leases,
    lifecycle,
    pools,
    selectors,
)
from exams.attempts.answers import Change
from exams.attempts.models import Attempt, Mode, PracticeOpening
from exams.attempts.pools import Filters, Pool
from exams.catalog.models import TaskStatement
from exams.feedback.models import Bookmark
from tests.accounts import selling
from tests.exams.attempts.helpers import age
from tests.exams.attempts.practice import (
    answers_of,
    close,
    draw,
    finish_exam,
    positions_in,
    versions_of,
)
from tests.factories import Form, make_second, start
from tests.flows.sat import code

pytestmark = pytest.mark.django_db


# --- What a drill draws from
def test_a_drill_draws_from_exams_that_were_finished(anna: User, form: Form) -> None:
    make_second(form)
    finish_exam(anna, form)
    begun = draw(anna, form, number=65)
    assert sorted(positions_in(form, begun.attempt_id)) == list(range(1, 9))


def test_a_drill_has_as_many_questions_as_were_asked_for_and_none_twice(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    drawn = {tuple(versions_of(draw(anna, form, number=5).attempt_id)) for _ in range(8)}
    assert {len(set(versions)) for versions in drawn} == {5}
    assert len(drawn) > 1


def test_nobody_draws_who_has_finished_nothing_and_is_told_what_to_do(anna: User, form: Form) -> None:
    with pytest.raises(Refused) as refusal:
        draw(anna, form)
    assert refusal.value.code == "nothing_to_draw"
    assert refusal.value.status == 409
    assert "Finish an exam first" in str(refusal.value)
    assert not Attempt.objects.exists()


def test_a_canceled_exam_is_not_finished(anna: User, form: Form) -> None:
    lifecycle.cancel(user=anna, attempt_id=start(anna, form).attempt_id)
    assert code(lambda: draw(anna, form)) == "nothing_to_draw"


def test_an_exam_of_somebody_else_opens_nothing(anna: User, bela: User, form: Form) -> None:
    finish_exam(bela, form)
    assert code(lambda: draw(anna, form)) == "nothing_to_draw"


def test_an_exam_opened_for_practice_is_drawn_from_and_no_longer_new(anna: User, form: Form) -> None:
    certification = form.form.certification
    assert not selectors.of_form(anna, form.form.pk).seen
    for _ in range(2):
        drills.open_for_practice(user=anna, certification=certification, number=1)
    assert PracticeOpening.objects.count() == 1
    assert selectors.of_form(anna, form.form.pk).seen
    assert len(versions_of(draw(anna, form, number=65).attempt_id)) == 8
    assert Attempt.objects.get(pk=start(anna, form).attempt_id).seen_before


def test_opening_what_is_finished_changes_nothing_and_what_runs_is_refused(
    anna: User, bela: User, form: Form
) -> None:
    certification = form.form.certification
    finish_exam(anna, form)
    drills.open_for_practice(user=anna, certification=certification, number=1)
    assert not PracticeOpening.objects.exists()
    start(bela, form)
    for number, refusal in ((1, "exam_running"), (9, "not_found")):
        act = lambda: drills.open_for_practice(user=bela, certification=certification, number=number)  # noqa: B023, E731
        assert code(act) == refusal


def test_no_item_of_an_exam_that_the_person_is_taking_is_drawn(anna: User, bela: User, form: Form) -> None:
    other = make_second(form)
    for one in (form, other):
        finish_exam(anna, one)
    begun = start(anna, form)
    assert sorted(positions_in(other, draw(anna, form, number=65).attempt_id)) == list(range(1, 9))
    finish_exam(bela, form)
    assert len(versions_of(draw(bela, form, number=65).attempt_id)) == 8
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    assert len(versions_of(draw(anna, form, number=65).attempt_id)) == 16


def test_who_is_taking_all_that_they_may_practice_is_told_so(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    start(anna, form)
    with pytest.raises(Refused) as refusal:
        draw(anna, form)
    assert refusal.value.code == "nothing_to_draw"
    assert "You're taking the exam" in str(refusal.value)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"domain": 3}, {5, 6, 7}),
        ({"task": "2.1"}, {3, 4}),
        ({"difficulty": "medium"}, set(range(1, 9))),
        ({"domain": 4, "task": "4.1"}, {8}),
    ],
)
def test_filters_narrow_what_is_drawn(
    anna: User, form: Form, filters: dict[str, Any], expected: set[int]
) -> None:
    finish_exam(anna, form)
    assert set(positions_in(form, draw(anna, form, number=65, **filters).attempt_id)) == expected


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ({"domain": 9}, "No question matches"),
        ({"difficulty": "hard"}, "No question matches"),
        ({"pool": Pool.FLAGGED}, "in this group"),
        ({"days": 7}, "Enter fewer days"),
    ],
)
def test_an_empty_pool_says_what_to_change(
    anna: User, form: Form, filters: dict[str, Any], sentence: str
) -> None:
    finish_exam(anna, form)
    with pytest.raises(Refused) as refusal:
        draw(anna, form, **filters)
    assert refusal.value.code == "nothing_to_draw"
    assert sentence in str(refusal.value)
    assert Attempt.objects.count() == 1


def test_missed_are_those_that_were_incorrect_the_last_time(anna: User, form: Form) -> None:
    finish_exam(anna, form, right=(1, 2, 3, 4, 5))
    begun = draw(anna, form, number=65, pool=Pool.MISSED)
    assert set(positions_in(form, begun.attempt_id)) == {6, 7, 8}
    given = answers_of(form, begun.attempt_id)
    close(anna, begun.attempt_id, 1, *given[1][0])
    still = set(positions_in(form, begun.attempt_id)[1:])
    assert set(positions_in(form, draw(anna, form, pool=Pool.MISSED).attempt_id)) == still


def test_what_was_drawn_and_never_closed_says_nothing_about_a_person(anna: User, form: Form) -> None:
    finish_exam(anna, form, right=range(1, 9))
    begun = draw(anna, form, number=8)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=None)
    assert code(lambda: draw(anna, form, pool=Pool.MISSED)) == "nothing_to_draw"


def test_flagged_unsure_and_slow_are_those_of_the_last_time(anna: User, form: Form) -> None:
    begun = start(anna, form)
    lease = leases.read(begun.lease or "")
    assert lease
    slow = pools.slow_ms(form.form.certification)
    assert slow == 180 * 60_000 // 65
    answers.save(
        lease,
        [
            Change(1, 1, (), True),
            Change(2, 2, tuple(form.keys[2]), False, 1),
            Change(3, 4, tuple(form.keys[4]), False, 2),
            Change(4, 5, tuple(form.keys[5]), False, 3, slow),
            Change(5, 6, tuple(form.keys[6]), False, None, slow + 1),
        ],
    )
    lifecycle.submit(
        user=anna, attempt_id=begun.attempt_id, lease=begun.lease, seen_ms=[None] * 6 + [slow + 1, 5]
    )
    for pool, expected in ((Pool.FLAGGED, {1}), (Pool.UNSURE, {2, 4}), (Pool.SLOW, {6, 7})):
        assert set(positions_in(form, draw(anna, form, pool=pool).attempt_id)) == expected, pool


def test_what_was_sure_and_incorrect_is_a_pool(anna: User, form: Form) -> None:
    begun = start(anna, form)
    lease = leases.read(begun.lease or "")
    assert lease
    sure = [Change(1, 2, tuple(form.keys[2]), False, 3), Change(2, 3, wrong_of(form, 3), False, 3)]
    answers.save(lease, [*sure, Change(3, 4, wrong_of(form, 4), False, 2)])
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    assert positions_in(form, draw(anna, form, pool=Pool.SURE).attempt_id) == [3]


def wrong_of(form: Form, position: int) -> tuple[int, ...]:
    return tuple(form.others[position][: len(form.keys[position])])


def test_bookmarked_are_those_of_the_person_alone(anna: User, bela: User, form: Form) -> None:
    finish_exam(anna, form)
    for user, position in ((anna, 2), (bela, 3)):
        item = form.edition.items.get(position=position).version.item
        Bookmark.objects.create(user=user, item=item)
    assert positions_in(form, draw(anna, form, pool=Pool.BOOKMARKED).attempt_id) == [2]


def test_to_learn_is_what_was_never_answered_correctly_the_last_time(anna: User, form: Form) -> None:
    finish_exam(anna, form, right=(1, 2, 3, 4, 5, 6))
    second = make_second(form)
    drills.open_for_practice(user=anna, certification=form.form.certification, number=2)
    drawn = versions_of(draw(anna, form, number=65, pool=Pool.TO_LEARN).attempt_id)
    missed = form.edition.items.filter(position__in=(7, 8)).values_list("version_id", flat=True)
    assert set(drawn) == {*missed, *second.edition.items.values_list("version_id", flat=True)}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"domains": (1, 4)}, {1, 2, 8}),
        ({"tasks": ("1.1", "4.1")}, {1, 2, 8}),
        # A task narrows its own domain, and leaves the others whole.
        ({"domains": (1, 3), "tasks": ("4.1",)}, {1, 2, 5, 6, 7, 8}),
        ({"domains": (3, 4), "tasks": ("4.1",)}, {5, 6, 7, 8}),
        ({"within": 3, "domains": (1, 3)}, {5, 6, 7}),
        ({"within": 3, "domains": (1,)}, set()),
        ({"difficulties": ("easy", "medium")}, set(range(1, 9))),
    ],
)
def test_several_topics_are_drawn_from_at_once(
    anna: User, form: Form, filters: dict[str, Any], expected: set[int]
) -> None:
    finish_exam(anna, form)
    places = dict(form.edition.items.values_list("version_id", "position"))
    found = pools.version_ids(anna, form.form.certification, Filters(**filters))
    assert {places[version_id] for version_id in found} == expected


def test_new_are_those_that_were_never_shown(anna: User, form: Form) -> None:
    drills.open_for_practice(user=anna, certification=form.form.certification, number=1)
    first = draw(anna, form, number=5, pool=Pool.NEW)
    second = draw(anna, form, number=65, pool=Pool.NEW)
    assert sorted(versions_of(first.attempt_id) + versions_of(second.attempt_id)) == sorted(
        form.edition.items.values_list("version_id", flat=True)
    )
    assert code(lambda: draw(anna, form, pool=Pool.NEW)) == "nothing_to_draw"


def test_what_was_shown_in_the_last_days_is_left_out(anna: User, form: Form) -> None:
    attempt_id = finish_exam(anna, form)
    age(attempt_id, 8 * 86_400)
    lately = versions_of(draw(anna, form, number=5).attempt_id)
    left = versions_of(draw(anna, form, number=65, days=7).attempt_id)
    assert len(left) == 3
    assert not set(left) & set(lately)
    assert code(lambda: draw(anna, form, days=30)) == "nothing_to_draw"


def test_positions_that_were_shown_before_are_stamped_at_the_start(anna: User, form: Form) -> None:
    assert Attempt.objects.get(pk=finish_exam(anna, form)).seen_positions == []
    assert Attempt.objects.get(pk=start(anna, form).attempt_id).seen_positions == list(range(1, 9))
    other = make_second(form)
    drills.open_for_practice(user=anna, certification=form.form.certification, number=2)
    shown = positions_in(other, draw(anna, other, number=5).attempt_id)
    assert Attempt.objects.get(pk=start(anna, other).attempt_id).seen_positions == sorted(shown)


@pytest.mark.parametrize(
    "options",
    [
        {"number": 0},
        {"number": 4},
        {"number": 66},
        {"minutes": -1},
        {"minutes": 601},
        {"days": 366},
        {"days": -1},
    ],
)
def test_a_drill_that_cannot_be_is_refused_by_a_sentence(
    anna: User, form: Form, options: dict[str, Any]
) -> None:
    finish_exam(anna, form)
    with pytest.raises(Refused) as refusal:
        draw(anna, form, **options)
    assert refusal.value.code == "invalid"
    assert refusal.value.status == 422
    assert str(refusal.value).startswith("Choose ")
    assert Attempt.objects.count() == 1


def test_drills_and_exams_are_limited_each_for_itself(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    with override_settings(DRILL_STARTS_PER_DAY=2, EXAM_STARTS_PER_DAY=2):
        draw(anna, form)
        draw(anna, form)
        assert code(lambda: draw(anna, form)) == "too_many_starts"
        assert start(anna, form).created


def test_without_access_nothing_is_drawn(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    selling.sell()
    assert code(lambda: draw(anna, form)) == "no_access"


def test_texts_are_in_the_language_asked_for_or_in_the_original(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    for language, word in (("hu", "Egy komptársaság"), ("de", "A ferry operator")):
        begun = draw(anna, form, language=language)
        paper = selectors.taking(anna, begun.attempt_id, Mode.DRILL).paper
        assert all(item.stem.startswith(f"<p>{word}") for item in paper.items), paper.items[0].stem


def test_a_task_of_which_nothing_may_be_practiced_does_not_give_its_whole_domain_instead(
    anna: User, form: Form
) -> None:
    """A link or a form with domain 1 and task 1.2 asks for 1.2 alone, also where that has no question."""
    finish_exam(anna, form)
    certification = form.form.certification
    TaskStatement.objects.create(domain=certification.domains.get(number=1), code="1.2")
    assert pools.version_ids(anna, certification, Filters(domains=(1,), tasks=("1.2",))) == []
