"""Every page that says what to do next says the same, whatever somebody has done before."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone, translation
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.base import hooks
from exams.attempts import answers, drills, grading, leases, lifecycle
from exams.attempts.answers import Change
from exams.attempts.models import Feedback
from exams.catalog.models import Certification
from exams.insights import exam_dates
from exams.insights.dashboard_hooks import Repetition
from exams.insights.next_step import Act
from exams.insights.plan import Kind
from tests import factories, snapshot
from tests.accounts.selling import give, sell
from tests.exams.attempts.helpers import age
from tests.exams.attempts.practice import close, draw, idle
from tests.exams.web.test_pages import result_of, review_of, signed_in
from tests.factories import Form
from tests.hooked import register_only

pytestmark = pytest.mark.django_db
CODE = "mls-c01"
# Seven questions of each domain: enough for an estimate, and for a domain to be weak.
DOMAINS = (1,) * 7 + (2,) * 7 + (3,) * 7 + (4,) * 7
CARDS: dict[str, Any] = {
    "address": "/cards/",
    "name": "Flashcards",
    "title": "3 cards are due",
    "status": "Today: 3 due",
}
Step = tuple[str, str]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _no_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody tells of cards but those whom a test registers; drills tell of themselves."""
    register_only(monkeypatch, "due_repetition")


@pytest.fixture
def forms(db: None) -> list[Form]:
    """Three exams, long enough for an estimate."""
    plain: dict[str, Any] = {"domains": DOMAINS, "unscored": (), "multiple": (), "languages": ("en",)}
    first = snapshot.first("28 questions", lambda: factories.make_form(**plain))
    certification = first.form.certification
    return [first, *(factories.make_form(certification, number=number, **plain) for number in (2, 3))]


def panel_of(client: Client, address: str) -> Step:
    """Return title and address of the step that a page shows, by its panel or by the offer in its place."""
    page = client.get(address).content.decode()
    found = re.findall(
        r'<section class="panel flow"[^>]*aria-labelledby="(?:next-step|unlock)">.*?</section>', page, re.S
    )
    assert found, address
    if 'class="todo"' in found[0]:
        # At home it is the first task of the day.
        found[0] = found[0].partition('class="todo"')[2].partition("</li>")[0]
    assert sum("next-step" in panel for panel in found) <= 1
    heading = re.search(r'<h[23](?![^>]*class="meta")[^>]*>(.*?)</h[23]>', found[0])
    button = re.search(r'<a class="button primary" href="([^"]*)"', found[0])
    assert heading
    # A page that has the offer beside it names the certification, too.
    title = html.unescape(heading[1]).removesuffix(": MLS-C01")
    return title, html.unescape(button[1]) if button else ""


class Person:
    """Does what is drawn with the real services, days ago, and looks at the pages today."""

    def __init__(self, forms: list[Form]) -> None:
        self.user, self.forms, self.last = factories.make_user(), forms, None
        self.results: list[tuple[float, UUID]] = []

    def exam(self, number: int, days: float, right: str) -> None:
        form, begun = self.forms[number], factories.start(self.user, self.forms[number])
        places = {"all": range(1, 29), "weak in 1": range(8, 29), "none": (), "one answer": (1,)}[right]
        answered = places if right == "one answer" else form.keys
        chosen = {at: form.keys[at] if at in places else form.others[at][:1] for at in answered}
        changes = [Change(at, at, tuple(ids), False) for at, ids in chosen.items()]
        lease = leases.read(begun.lease or "")
        assert lease
        answers.save(lease, changes)
        lifecycle.submit(user=self.user, attempt_id=begun.attempt_id, lease=begun.lease)
        grading.grade(begun.attempt_id)
        age(begun.attempt_id, days * 86_400)
        self.results.append((days, begun.attempt_id))

    def cancel(self, number: int, days: float, opened: bool) -> None:
        begun = factories.start(self.user, self.forms[number])
        if opened:
            lifecycle.take_lease(user=self.user, attempt_id=begun.attempt_id, holder="session:test")
        lifecycle.cancel(user=self.user, attempt_id=begun.attempt_id)
        age(begun.attempt_id, days * 86_400)

    def drill(self, number: int, days: float, domain: int) -> None:
        form = self.forms[number]
        drills.open_for_practice(
            user=self.user, certification=form.form.certification, number=form.form.number
        )
        begun = draw(self.user, form, number=5, feedback=Feedback.AT_ONCE, domain=domain)
        close(self.user, begun.attempt_id, 1, show=True)
        drills.finish(user=self.user, attempt_id=begun.attempt_id)
        grading.grade(begun.attempt_id)
        idle(begun.attempt_id, days)

    def start(self, number: int, days: float) -> None:
        factories.start(self.user, self.forms[number])

    def live(self, todo: list[tuple[Any, ...]], date: int | None) -> None:
        """Do one thing after the other, each a number of days after the one before, the last one today."""
        days = sum(gap for gap, *_ in todo)
        for gap, name, number, *how in todo:
            days -= gap
            getattr(self, name)(number, days, *how)
        today = timezone.localdate()
        if date is not None:
            Certification.objects.update(retired_on=None)
            exam_dates.set_to(self.user, CODE, today + timedelta(days=date), today)

    def check_home(self) -> None:
        """See that home, plan and the page of the exams agree on what costs most and what is next."""
        home = signed_in(self.user).get(f"/{CODE}/").context
        if "dashboard" not in home:
            return
        stand, rows = home["dashboard"], home["domains"]
        if rows:
            assert (rows[0].number, rows[0].gain) == (
                stand.costliest.domain.number,
                stand.costliest.cost,
            )
        if stand.step.act in (Act.FIRST_EXAM, Act.NEXT_EXAM):
            number = next(tile["form"].number for tile in home["tiles"] if tile["is_next"])
            assert home["step"].address == f"/{CODE}/exams/{number}/"
        exams = signed_in(self.user).get(f"/{CODE}/exams/").context["tiles"]
        assert [tile["is_next"] for tile in exams] == [tile["is_next"] for tile in home["tiles"]]
        planned = stand.plan.days[0].tasks if stand.plan else stand.today
        assert planned[: len(stand.today)] == stand.today

    def steps(self) -> dict[str, Step]:
        """Return the step that each page shows."""
        client = signed_in(self.user)
        found = {address: panel_of(client, address) for address in ("/", f"/{CODE}/")}
        if self.results:
            # Of those of the same day the one that was taken last.
            latest = min(reversed(self.results), key=lambda one: one[0])[1]
            found["result"] = panel_of(client, result_of(latest))
        return found


exam = st.integers(0, 2)
gap = st.sampled_from([0, 1, 3])
acts = st.lists(
    st.one_of(
        st.tuples(gap, st.just("exam"), exam, st.sampled_from(["all", "weak in 1", "none", "one answer"])),
        st.tuples(gap, st.just("cancel"), exam, st.booleans()),
        st.tuples(gap, st.just("drill"), exam, st.integers(1, 2)),
    ),
    max_size=4,
)
running: st.SearchStrategy[Any] = st.lists(st.tuples(st.just(0), st.just("start"), exam), max_size=1)
dates = st.sampled_from([None, 0, 1, 2, 6, 30])
accesses = st.sampled_from(["open", "open", "closed", "ended"])


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts, running, dates, st.booleans(), accesses)
@example([(1, "exam", 0, "weak in 1"), (3, "cancel", 1, True)], [], 30, False, "open")
@example([(3, "exam", 0, "weak in 1")], [], 30, False, "open")
@example([(0, "exam", 0, "weak in 1")], [], 30, True, "open")
@example([(0, "exam", 0, "weak in 1"), (0, "exam", 0, "weak in 1")], [], None, False, "open")
@example([(0, "exam", 0, "one answer")], [], 6, True, "open")
@example([(0, "exam", 0, "weak in 1")], [], 0, False, "open")
@example([(0, "exam", 0, "weak in 1"), (0, "drill", 0, 1)], [], 30, True, "open")
@example([(3, "exam", 0, "weak in 1"), (0, "drill", 0, 1)], [], None, True, "open")
@example([], [], 6, True, "closed")
@example([(1, "exam", number, "one answer") for number in (0, 1, 2)], [], None, False, "open")
@example([(0, "exam", 0, "weak in 1"), (3, "exam", 1, "one answer")], [], 30, False, "open")
def test_all_pages_show_the_same_step(
    forms: list[Form],
    todo: list[tuple[Any, ...]],
    going_on: list[tuple[Any, ...]],
    date: int | None,
    due: bool,
    access: str,
) -> None:
    hooks._registered["due_repetition"].clear()
    if due:
        hooks.register("due_repetition", lambda user, code, access: cards(3))
    with transaction.atomic():
        person = Person(forms)
        person.live([*todo, *going_on], date)
        if access != "open":
            sell()
        if access == "ended":
            give(person.user, days=(-90, -1))
        steps = person.steps()
        person.check_home()
        transaction.set_rollback(True)
    assert len(set(steps.values())) == 1, steps


def cards(due: int) -> Repetition:
    """Return what a package above would tell of its cards."""
    return Repetition(due=due, minutes=1, button="Study cards", daily="Every day: your cards.", **CARDS)


@pytest.mark.parametrize("date", [None, 19, 81])
def test_the_review_of_the_last_exam_stays_the_step_of_home_and_result_while_sets_are_practiced(
    forms: list[Form], date: int | None
) -> None:
    hooks.register("due_repetition", lambda user, code, access: cards(3))
    person = Person(forms)
    person.live([(0, "exam", 0, "weak in 1"), (0, "drill", 0, 1), (0, "drill", 0, 2)], date)
    address = review_of(person.results[0][1], "?show=incorrect")
    assert set(person.steps().values()) == {("Review your incorrect answers in exam 1", address)}
    home = signed_in(person.user).get(f"/{CODE}/").context
    assert [task["title"] for task in home["today"]["tasks"]] == ["Flashcards"]
    planned = home["dashboard"].plan
    assert date is None or Kind.REVIEW not in [task.kind for task in planned.days[1].tasks]


def test_the_day_after_an_exam_is_for_its_review_and_for_practice(forms: list[Form]) -> None:
    person = Person(forms)
    person.live([(0, "exam", 0, "weak in 1"), (1, "drill", 1, 2)], None)
    home = signed_in(person.user).get(f"/{CODE}/").context
    assert home["step"].title == "Review your incorrect answers in exam 1"
    assert home["step"].reason.endswith("It stays your next step for today.")
    assert [task["title"] for task in home["today"]["tasks"]] == ["Practice: Domain 1"]


def test_the_result_of_an_exam_of_last_week_names_the_step_of_home_and_its_review_as_another_way(
    forms: list[Form],
) -> None:
    person = Person(forms)
    person.live([(0, "exam", 0, "all"), (7, "exam", 1, "weak in 1"), (3, "drill", 1, 1)], None)
    assert set(person.steps().values()) == {("Practice Exam 3", f"/{CODE}/exams/3/")}
    attempt_id = person.results[1][1]
    address = review_of(attempt_id, "?show=incorrect")
    second = f'<a class="button" href="{address}">Review exam 2</a>'
    assert second in signed_in(person.user).get(result_of(attempt_id)).content.decode()


def test_an_exam_that_was_canceled_after_its_questions_were_seen_is_offered_as_new_by_no_page(
    forms: list[Form],
) -> None:
    person = Person(forms)
    person.live([(3, "exam", 0, "all"), (0, "cancel", 1, True)], 20)
    age(person.results[0][1], 3 * 86_400)
    assert set(person.steps().values()) == {("Practice Exam 3", f"/{CODE}/exams/3/")}


@pytest.mark.parametrize("address", ["/", f"/{CODE}/", f"/{CODE}/about/"])
def test_nobody_is_led_to_an_exam_that_is_locked_for_them(forms: list[Form], address: str) -> None:
    sell()
    page = signed_in(factories.make_user()).get(address).content.decode()
    assert "Take exam" not in page
    assert not re.search('<a class="button[^"]*" href="[^"]*/exams/1/"', page)
    assert re.search('<a class="button[^"]*" href="/pricing/"', page)
