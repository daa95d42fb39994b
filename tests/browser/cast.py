"""People of the browser tests who have sat, failed and left exams, and their attempts by name."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from accounts.users.models import User
from exams.assembly import papers
from exams.assembly import selectors as assembly
from exams.attempts import answers, leases, lifecycle, pace
from exams.attempts.answers import Change
from exams.attempts.models import Attempt
from exams.bank.models import Option
from tests import factories
from tests.browser.house import House, connected_to


@dataclass(frozen=True, slots=True)
class Cast:
    """People by name, and their attempts."""

    house: House
    cookies: dict[str, str]
    passed: UUID
    failed: UUID
    running: UUID
    untouched: UUID
    ending: UUID
    stuck: UUID
    several: int
    timed: UUID


def sign_in(name: str) -> tuple[User, str]:
    user, client = factories.make_user(f"{name}@example.org"), Client()
    client.force_login(user)
    return user, client.cookies[settings.SESSION_COOKIE_NAME].value


def begin(user: User) -> UUID:
    form = assembly.form("mls-c01", 1)
    assert form
    started = lifecycle.start(user=user, form_id=form.id, language="en", holder=f"test:{user.pk}")
    return started.attempt_id


def put(user: User, attempt_id: UUID, position: int, selected: tuple[int, ...], flagged: bool) -> None:
    lifecycle.answer_without_script(
        user=user, attempt_id=attempt_id, position=position, selected=selected, flagged=flagged
    )


def sit(user: User, right: int) -> UUID:
    """Sit the exam with so many right answers, some flags, and submit."""
    attempt_id = begin(user)
    paper = papers.get(Attempt.objects.get(pk=attempt_id).paper_id or 0)
    keys = set(Option.objects.filter(is_key=True).values_list("pk", flat=True))
    for item in paper.items[:right]:
        chosen = tuple(option for option, _ in item.options if option in keys)
        put(user, attempt_id, item.position, chosen, item.position % 9 == 0)
    lifecycle.submit(user=user, attempt_id=attempt_id, lease=None)
    lifecycle.settle(user=user, attempt_id=attempt_id)
    return attempt_id


def sit_by_the_clock(user: User) -> UUID:
    """Sit the exam as the page with script does: with times, confidence and changed answers."""
    attempt_id = begin(user)
    taken = lifecycle.take_lease(user=user, attempt_id=attempt_id, holder=f"test:{user.pk}")
    lease = leases.read(taken.lease)
    assert lease
    paper = papers.get(Attempt.objects.get(pk=attempt_id).paper_id or 0)
    keys = set(Option.objects.filter(is_key=True).values_list("pk", flat=True))
    times = [20_000 + 1_000 * (n * n * 37 % 211) + 200_000 * (n % 17 == 0) for n in range(1, 66)]
    for item in paper.items[:63]:
        at, right = item.position, tuple(option for option, _ in item.options if option in keys)
        wrong = tuple(option for option, _ in item.options if option not in keys)[: item.choose]
        first, last = (wrong, right) if at % 13 == 0 else (right, wrong if at % 4 == 0 else right)
        sure = 1 + at * 7 % 3
        changes = [Change(2 * at, at, first, False, sure, times[at - 1] // 2)]
        if last != first:
            changes.append(Change(2 * at + 1, at, last, False, sure, times[at - 1]))
        pace.saves = pace.Pace()
        answers.save(lease, changes)
    lifecycle.submit(user=user, attempt_id=attempt_id, lease=taken.lease, seen_ms=times)
    lifecycle.settle(user=user, attempt_id=attempt_id)
    return attempt_id


@pytest.fixture(scope="module")
def cast(house: House, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """The people of these tests; this process stays connected to the database of the house."""
    with django_db_blocker.unblock(), connected_to(house.database):
        (anna, anna_in), (late, late_in), (_, new_in) = map(sign_in, ("anna", "late", "new"))
        beginner, beginner_in = sign_in("beginner")
        thorough, thorough_in = sign_in("thorough")
        passed, failed = sit(anna, 62), sit(anna, 6)
        stuck = begin(late)
        lifecycle.submit(user=late, attempt_id=stuck, lease=None)
        Attempt.objects.filter(pk=stuck).update(
            score_tries=5,
            score_claimed_at=Now(),
            quarantined_at=Now(),
            score_error="RuntimeError: weights",
        )
        running, ending = begin(anna), begin(late)
        paper = papers.get(Attempt.objects.get(pk=running).paper_id or 0)
        for item in paper.items[:4]:
            put(anna, running, item.position, (item.options[0][0],) * (item.choose == 1), item.position == 3)
        several = next(item.position for item in paper.items if item.kind == "multiple")
        cookies = {"anna": anna_in, "late": late_in, "new": new_in, "beginner": beginner_in}
        cookies["thorough"] = thorough_in
        untouched, timed = begin(beginner), sit_by_the_clock(thorough)
        yield Cast(house, cookies, passed, failed, running, untouched, ending, stuck, several, timed)
