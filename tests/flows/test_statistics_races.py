"""Statistics and decisions when many ask at once, and what is lost when a protection is taken away."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from accounts.base import locks
from accounts.base.errors import Refused
from accounts.jobs.models import Job
from accounts.users.models import User
from exams.statistics import jobs, services
from exams.statistics.models import EditionStatistics, ItemDecision
from tests import factories
from tests.exams.statistics import crowds
from tests.factories import Form
from tests.flows.crew import parallel
from tests.flows.dropped import dropped

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.controls]

AT_ONCE = 4
PAUSE = 0.3


def slowly[**P, R](act: Callable[P, R]) -> Callable[P, R]:
    """Return an act that pauses after it has looked, so that others look meanwhile."""

    def slow(*args: P.args, **more: P.kwargs) -> R:
        result = act(*args, **more)
        time.sleep(PAUSE)
        return result

    return slow


def editions_stored(form: Form, monkeypatch: pytest.MonkeyPatch) -> int:
    """Compute an edition in several threads at once; return how many rows there are."""
    crowds.crowd(form, 3)
    monkeypatch.setattr(services, "newest", slowly(services.newest))
    outcomes = parallel(AT_ONCE, lambda: services.compute(form.edition.pk))
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    return EditionStatistics.objects.count()


def test_an_edition_computed_several_times_at_once_is_stored_once(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert editions_stored(form, monkeypatch) == 1


def test_without_the_lock_the_same_figures_are_stored_again(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "hold", lambda *names, **options: None)
    assert editions_stored(form, monkeypatch) > 1


def jobs_of_many(form: Form, monkeypatch: pytest.MonkeyPatch) -> int:
    """Ask for statistics in several threads at once; return how many jobs there are."""
    author = factories.make_staff("authors")
    monkeypatch.setattr(jobs, "unfinished", slowly(jobs.unfinished))

    def ask() -> Any:
        return jobs.request(edition_id=form.edition.pk, actor=author)

    outcomes = parallel(AT_ONCE, ask)
    assert all(isinstance(one, (Job, Refused)) for one in outcomes), outcomes
    return Job.objects.count()


def test_several_who_ask_at_once_get_one_job(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    assert jobs_of_many(form, monkeypatch) == 1


def test_without_the_lock_each_who_asks_starts_a_job(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "hold", lambda *names, **options: None)
    assert jobs_of_many(form, monkeypatch) > 1


def decisions_of_many(form: Form, author: User, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Decide in several threads at once; return how many decisions there are and how many were refused."""
    crowds.crowd(form, 30)
    services.compute(form.edition.pk)
    version_id = form.edition.items.get(position=8).version_id
    monkeypatch.setattr(services, "last_decision", slowly(services.last_decision))

    def decide() -> None:
        services.decide(version_id=version_id, kind="wait", actor=author, reason="too early to say")

    outcomes = parallel(AT_ONCE, decide)
    codes = [one.code for one in outcomes if isinstance(one, Refused)]
    assert set(codes) <= {"decided_meanwhile", "decided_already"}
    assert len(codes) == sum(one is not None for one in outcomes), outcomes
    return ItemDecision.objects.count(), len(codes)


def test_of_several_decisions_at_once_one_is_stored_and_the_others_are_told(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert decisions_of_many(form, factories.make_staff("authors"), monkeypatch) == (1, AT_ONCE - 1)


def test_without_the_unique_key_each_of_them_is_stored(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    author = factories.make_staff("authors")
    with dropped("exams_itemdecision", "item_decision_once", emptied=("exams_itemdecision",)):
        decisions, _refused = decisions_of_many(form, author, monkeypatch)
        assert decisions > 1
