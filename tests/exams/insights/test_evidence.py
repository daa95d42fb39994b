"""First-seen answers: each item once, from finished exams, and only where it was new to the person."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.users.models import User
from exams.assembly.models import FormItem
from exams.attempts import drills, grading, lifecycle
from exams.attempts.models import Attempt, Feedback, Score
from exams.bank.models import ItemVersion
from exams.insights import evidence
from exams.scoring.prediction import Evidence
from tests import factories
from tests.exams.attempts.helpers import age, past_deadline
from tests.exams.attempts.practice import close, draw, positions_in
from tests.exams.web.test_pages import answer, sit
from tests.factories import Form

pytestmark = pytest.mark.django_db
ALL = range(1, 9)
# Domains of the form's scored positions: 1 1 2 2 3 3 3; position 8 is not scored.


def seen(user: User, code: str = "mls-c01") -> list[tuple[int, int, int]]:
    return [(one.domain, one.correct, one.counted) for one in evidence.first_seen(user, code)]


def scored(user: User, form: Form, **more: Any) -> None:
    """Sit a form, have it scored, and let an hour pass."""
    attempt_id = sit(user, form, **more)
    grading.grade(attempt_id)
    age(attempt_id, 3600)


def test_scored_items_count_by_domain(anna: User, form: Form) -> None:
    scored(anna, form, right=[1, 3, 5, 6, 8], wrong=[2, 4, 7])
    assert seen(anna) == [(1, 1, 2), (2, 1, 2), (3, 2, 3)]
    assert evidence.first_seen(anna, "mls-c01")[0] == Evidence(1, 1, 2)


def test_without_a_finished_exam_there_is_nothing(anna: User, bela: User, form: Form) -> None:
    scored(bela, form, right=ALL)
    assert seen(anna) == []
    assert seen(bela, "another") == []


def test_a_second_look_at_the_same_items_does_not_count(anna: User, form: Form) -> None:
    first = sit(anna, form, wrong=ALL)
    grading.grade(first)
    age(first, 7200)
    scored(anna, form, right=ALL)
    assert seen(anna) == [(1, 0, 2), (2, 0, 2), (3, 0, 3)]


def test_another_exam_adds_its_items(anna: User, form: Form) -> None:
    scored(anna, form, right=ALL)
    other = factories.make_form(form.form.certification, number=2)
    scored(anna, other, wrong=ALL)
    assert seen(anna) == [(1, 2, 4), (2, 2, 4), (3, 3, 6)]


def test_a_running_attempt_says_nothing(anna: User, form: Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    for position in ALL:
        answer(anna, attempt_id, position, form.keys[position])
    assert seen(anna) == []
    past_deadline(attempt_id, 60)
    assert seen(anna) == []
    lifecycle.settle(user=anna, attempt_id=attempt_id)
    assert seen(anna) == [(1, 2, 2), (2, 2, 2), (3, 3, 3)]


def test_a_canceled_attempt_says_nothing(anna: User, form: Form) -> None:
    lifecycle.cancel(user=anna, attempt_id=factories.start(anna, form).attempt_id)
    assert seen(anna) == []


def test_items_left_blank_are_incorrect_where_half_was_answered(anna: User, form: Form) -> None:
    scored(anna, form, right=[1, 3, 5, 6])
    assert seen(anna) == [(1, 1, 2), (2, 1, 2), (3, 2, 3)]
    assert [one.answered for one in evidence.first_seen(anna, "mls-c01")] == [1, 1, 2]


def test_of_an_exam_that_was_stopped_early_only_the_answers_count(anna: User, form: Form) -> None:
    scored(anna, form, right=[1], wrong=[3, 5])
    assert seen(anna) == [(1, 1, 1), (2, 0, 1), (3, 0, 1)]


def test_what_the_review_has_shown_never_counts_later(anna: User, form: Form) -> None:
    scored(anna, form, right=[1])
    scored(anna, form, right=ALL)
    assert seen(anna) == [(1, 1, 1)]


def test_the_current_score_counts(anna: User, form: Form) -> None:
    scored(anna, form, wrong=ALL)
    before = Score.objects.get(attempt=Attempt.objects.get())
    Score.objects.create(
        **{
            name: getattr(before, name)
            for name in ("attempt_id", "scoring_revision", "raw", "scaled", "passed", "created_at")
        },
        revision=2,
        result={**before.result, "right": "11000000"},
    )
    assert seen(anna) == [(1, 2, 2), (2, 0, 2), (3, 0, 3)]


def test_a_new_edition_counts_only_what_it_brought(anna: User, form: Form) -> None:
    """An item of the edition before was seen there, even if it stands elsewhere now."""
    scored(anna, form, wrong=ALL)
    later = factories.republished(form, without=(1,))
    scored(anna, later, right=range(1, 8))
    assert seen(anna) == [(1, 0, 2), (2, 0, 2), (3, 0, 3)]


def test_what_a_drill_has_shown_does_not_count(anna: User, form: Form) -> None:
    """A drill of an exam that was opened for practice shows five of its eight questions, with their keys."""
    drills.open_for_practice(user=anna, certification=form.form.certification, number=1)
    begun = draw(anna, form, number=5)
    close(anna, begun.attempt_id, 1, show=True)
    shown = set(positions_in(form, begun.attempt_id))
    scored(anna, form, right=ALL)
    counted = [position for position in range(1, 8) if position not in shown]
    assert sum(answered for _, _, answered in seen(anna)) == len(counted)


def test_an_exam_opened_for_practice_counts_until_something_of_it_is_shown(anna: User, form: Form) -> None:
    drills.open_for_practice(user=anna, certification=form.form.certification, number=1)
    scored(anna, form, right=ALL)
    assert seen(anna) == [(1, 2, 2), (2, 2, 2), (3, 3, 3)]


def test_what_a_canceled_exam_has_shown_does_not_count(anna: User, form: Form) -> None:
    opened, unopened = factories.start(anna, form), factories.make_form(form.form.certification, number=2)
    lifecycle.take_lease(user=anna, attempt_id=opened.attempt_id, holder="session:test")
    lifecycle.cancel(user=anna, attempt_id=opened.attempt_id)
    scored(anna, form, right=ALL)
    assert seen(anna) == []
    lifecycle.cancel(user=anna, attempt_id=factories.start(anna, unopened).attempt_id)
    scored(anna, unopened, right=ALL)
    assert seen(anna) == [(1, 2, 2), (2, 2, 2), (3, 3, 3)]


def test_a_drill_of_what_was_answered_in_an_exam_leaves_that_answer(anna: User, form: Form) -> None:
    scored(anna, form, right=[1], wrong=range(2, 9))
    close(anna, draw(anna, form, number=5).attempt_id, 1, show=True)
    assert seen(anna) == [(1, 1, 2), (2, 0, 2), (3, 0, 3)]


# --- Against a reference in plain Python
@dataclass
class Reference:
    """What a person was shown, and what of it counts: the same rule without SQL."""

    shown: set[str] = field(default_factory=set)
    counts: list[tuple[int, bool]] = field(default_factory=list)

    def take(self, form: Form, right: set[int], answered: set[int]) -> None:
        """Take an exam to its score: what is new counts where it was answered, or half of the exam was."""
        whole = 2 * len(answered) >= len(form.keys)
        for place in placed(form):
            is_new = place.version.item.code not in self.shown
            if is_new and place.is_scored and (whole or place.position in answered):
                self.counts.append((place.domain_number, place.position in right))
        self.show(form)

    def show(self, form: Form) -> None:
        self.shown |= {place.version.item.code for place in placed(form)}

    @property
    def by_domain(self) -> list[tuple[int, int, int]]:
        domains = sorted({domain for domain, _ in self.counts})
        of = {number: [right for domain, right in self.counts if domain == number] for number in domains}
        return [(number, sum(of[number]), len(of[number])) for number in domains]


def placed(form: Form) -> list[FormItem]:
    return list(form.edition.items.select_related("version__item").order_by("position"))


exam = st.integers(0, 2)
places = st.sets(st.integers(1, 8))
acts = st.lists(
    st.one_of(
        st.tuples(st.just("exam"), exam, places, places),
        st.tuples(st.just("cancel"), exam, st.booleans()),
        st.tuples(st.just("drill"), exam, st.sampled_from(Feedback), st.booleans()),
    ),
    min_size=1,
    max_size=6,
)


class Person:
    """Does what is drawn with the real services, and tells the reference of it."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self.user, self.forms, self.reference = factories.make_user(), forms, Reference()

    def exam(self, number: int, right: set[int], wrong: set[int]) -> None:
        form = self.forms[number]
        right, wrong = right & set(form.keys), (wrong - right) & set(form.keys)
        self.reference.take(form, right, right | wrong)
        scored(self.user, form, right=sorted(right), wrong=sorted(wrong))

    def cancel(self, number: int, opened: bool) -> None:
        begun = factories.start(self.user, self.forms[number])
        if opened:
            lifecycle.take_lease(user=self.user, attempt_id=begun.attempt_id, holder="session:test")
            self.reference.show(self.forms[number])
        lifecycle.cancel(user=self.user, attempt_id=begun.attempt_id)

    def drill(self, number: int, feedback: Feedback, closes: bool) -> None:
        form = self.forms[number]
        drills.open_for_practice(
            user=self.user, certification=form.form.certification, number=form.form.number
        )
        begun = draw(self.user, form, number=5, feedback=feedback)
        if closes and feedback == Feedback.AT_ONCE:
            close(self.user, begun.attempt_id, 1, show=True)
        drawn = Attempt.objects.get(pk=begun.attempt_id).drawn
        assert drawn
        versions = ItemVersion.objects.filter(pk__in=drawn.version_ids)
        self.reference.shown |= set(versions.values_list("item__code", flat=True))


@pytest.fixture
def forms(form: Form) -> list[Form]:
    """Two exams of one certification, and a third of items that are in the first."""
    other = factories.make_form(form.form.certification, number=2)
    return [form, other, factories.republished(form, without=(1, 2, 8), number=3)]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_whatever_was_taken_and_practiced_only_what_was_new_counts(
    forms: list[Form], todo: list[tuple[Any, ...]]
) -> None:
    person = Person(forms)
    for name, number, *how in todo:
        getattr(person, name)(number, *how)
    assert seen(person.user) == person.reference.by_domain


def test_an_exam_that_was_opened_for_practice_is_no_new_one(anna: User, form: Form) -> None:
    assert evidence.seen_forms(anna, "mls-c01") == frozenset()
    drills.open_for_practice(user=anna, certification=form.form.certification, number=1)
    assert evidence.seen_forms(anna, "mls-c01") == {1}
