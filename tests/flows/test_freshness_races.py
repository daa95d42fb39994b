"""Two at one question at once: one check counts, one task is opened, whoever is first.

The lock is taken away once and is then missed.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import IntegrityError

from accounts.base import locks
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.authoring import work_queue
from exams.authoring.work_queue import Asked
from exams.bank import rulings
from exams.bank.models import Item
from exams.freshness import selectors, tasks
from exams.freshness.models import ItemCheck, ReviewTask, WatchedName
from tests.exams.authoring import acts
from tests.exams.corrections.helpers import rule
from tests.exams.freshness.test_tasks import PAGE, facts, say
from tests.factories import Form
from tests.flows.crew import Crew, slow_commit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hints")]

NUMBERS = (1, 2, 4, 5)
PAUSE = 0.1


def code(outcome: object) -> str:
    return outcome.code if isinstance(outcome, Refused) else type(outcome).__name__


def slowly(act: Callable[[], Any]) -> Callable[[], Any]:
    """Have an act commit late, so that another one begins before its end is seen."""
    return lambda: slow_commit(act, lambda: time.sleep(PAUSE))


@contextmanager
def without_the_lock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(locks, "hold", lambda *names, **options: None)
        yield


def checks_at_once(crew: Crew, item: Item, people: tuple[User, User]) -> list[str]:
    """Have two people close what waits of one question at once, both with what they saw before."""
    seen = selectors.seen([item.pk])[item.pk]

    def by(person: User) -> Callable[[], Any]:
        return slowly(lambda: work_queue.check(item_id=item.pk, seen=seen, page=PAGE, note="", actor=person))

    return sorted(code(one) for one in crew.together([by(person) for person in people]))


def with_tasks(form: Form) -> list[Item]:
    """Return questions that wait because of a name."""
    for number in NUMBERS:
        say(form, f"Because Amazon Sumerian was cheaper, reason {number}.", code=f"E1-Q0{number}")
    work_queue.watch(
        certification_id=form.form.certification_id,
        facts=facts("Amazon Sumerian"),
        actor=acts.staff("authors"),
    )
    return list(Item.objects.filter(tasks__closed_at=None, tasks__isnull=False).order_by("code"))


def test_of_two_people_who_close_one_task_one_does_and_the_other_is_told(form: Form) -> None:
    items = with_tasks(form)
    people = (acts.staff("authors"), acts.staff("reviewers"))
    assert len(items) == len(NUMBERS)
    with Crew(2) as crew:
        for item in items:
            assert checks_at_once(crew, item, people) == ["ItemCheck", "stale_check"]
            task, made = ReviewTask.objects.get(item=item), ItemCheck.objects.get(item=item)
            assert (task.outcome, task.closed_by) == ("checked", made.person)


def test_without_the_lock_both_count(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    items = with_tasks(form)
    people = (acts.staff("authors"), acts.staff("reviewers"))
    with Crew(2) as crew, without_the_lock(monkeypatch):
        outcomes = [checks_at_once(crew, item, people) for item in items]
    assert ["ItemCheck", "ItemCheck"] in outcomes


def unseen_name(form: Form, number: int) -> None:
    """Store a name that a question mentions, and leave its task to the job."""
    say(form, f"Because Service Number{number} was cheaper.", code=f"E1-Q0{number}")
    WatchedName.objects.create(
        certification=form.form.certification,
        name=f"Service Number{number}",
        since="2025-01-31",
        page=PAGE,
        is_ours=True,
    )


def jobs_at_once(crew: Crew, form: Form) -> list[Any]:
    act = slowly(lambda: tasks.refresh(form.form.certification_id))
    return crew.together([act, act])


def test_a_job_that_runs_twice_at_once_opens_each_task_once(form: Form) -> None:
    with Crew(2) as crew:
        for number in NUMBERS:
            unseen_name(form, number)
            done = jobs_at_once(crew, form)
            assert sorted(one.opened for one in done) == [0, 1]
            assert ReviewTask.objects.filter(item__code=f"E1-Q0{number}", closed_at=None).count() == 1


def test_without_the_lock_one_of_two_jobs_fails_and_still_no_task_is_there_twice(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = 0
    with Crew(2) as crew, without_the_lock(monkeypatch):
        for number in NUMBERS:
            unseen_name(form, number)
            failed += sum(isinstance(one, IntegrityError) for one in jobs_at_once(crew, form))
            assert ReviewTask.objects.filter(item__code=f"E1-Q0{number}", closed_at=None).count() == 1
    assert failed


def test_a_check_while_the_job_runs_is_not_undone_by_it(form: Form) -> None:
    items = with_tasks(form)
    author = acts.staff("authors")
    with Crew(2) as crew:
        for item in items:
            seen = selectors.seen([item.pk])[item.pk]
            check = partial(work_queue.check, item_id=item.pk, seen=seen, page=PAGE, note="", actor=author)
            done = crew.together([slowly(lambda: tasks.refresh(form.form.certification_id)), check])
            assert [code(one) for one in done] == ["Refreshed", "ItemCheck"]
            assert not ReviewTask.objects.filter(item=item, closed_at=None).exists()


def test_two_changes_of_a_name_at_once_store_one(form: Form) -> None:
    people = (acts.staff("authors"), acts.staff("reviewers"))
    row = work_queue.watch(
        certification_id=form.form.certification_id, facts=facts("Amazon Sumerian"), actor=people[0]
    )

    def by(person: User, successor: str) -> Callable[[], Any]:
        return slowly(
            lambda: work_queue.change(
                watched_id=row.pk,
                revision=1,
                facts=facts("Amazon Sumerian", successor),
                is_watched=True,
                actor=person,
            )
        )

    with Crew(2) as crew:
        done = crew.together([by(people[0], "One"), by(people[1], "Two")])
    assert sorted(code(one) for one in done) == ["WatchedName", "stale_name"]
    row.refresh_from_db()
    assert (row.revision, row.successor in ("One", "Two")) == (2, True)


def looked_while_ruled(form: Form) -> bool:
    """Have somebody check a question while a ruling on an older version waits for its commit.

    Returns whether the ruling still waits for an author afterward.
    """
    draft = acts.begin(form.form.certification, "item", "E1-Q01")
    acts.publish(draft, {"difficulty": "hard"})
    item, author = Item.objects.get(code="E1-Q01"), acts.staff("authors")
    seen = selectors.seen([item.pk])[item.pk]
    made, looked = Event(), Event()

    def decide() -> None:
        def pause() -> None:
            made.set()
            looked.wait(1)

        slow_commit(lambda: rule(form, 1, "credit"), pause)

    def look() -> None:
        assert made.wait(20)
        work_queue.check(item_id=item.pk, seen=seen, page=PAGE, note="", actor=author)
        looked.set()

    with Crew(2) as crew:
        crew.together([decide, look])
    return work_queue.waiting(Asked(reason="ruled"), author.pk).total == 1


def test_a_ruling_made_while_somebody_checks_the_question_still_waits(form: Form) -> None:
    assert looked_while_ruled(form)


@pytest.mark.controls
def test_without_the_lock_of_rulings_one_is_taken_for_seen(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rulings, "hold_off", lambda: None)
    assert not looked_while_ruled(form)
