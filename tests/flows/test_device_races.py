"""Browsers that sign in, confirm and come back at the same moment: never more than the limit, never fewer."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from accounts.access import device_limit
from accounts.users import person_lock
from accounts.users.models import BrowserSession, User
from tests.accounts.selling import give
from tests.exams.attempts.helpers import replace_sql
from tests.flows.crew import Crew

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.controls]

THREADS, MOST, ROUNDS = 8, 3, 12


@pytest.fixture
def paid(anna: User) -> User:
    """Anna with access that runs."""
    give(anna)
    return anna


def new_session() -> str:
    """Store a session as a sign-in does; return its key."""
    session = SessionStore()
    session.create()
    return str(session.session_key)


def sign_in(user: User) -> str:
    key = new_session()
    device_limit.signed_in(user.pk, key, "")
    return key


def counted(user: User) -> int:
    return BrowserSession.objects.filter(user=user, asked_at=None).count()


def together(jobs: list[Callable[[], Any]]) -> list[Any]:
    """Run the jobs at once, on connections that are open already."""
    with Crew(len(jobs)) as crew:
        crew.together([connection.ensure_connection] * len(jobs))
        done = crew.together(jobs)
    assert not [one for one in done if isinstance(one, Exception)], done
    return done


def left_by_sign_ins(user: User) -> set[int]:
    """Let eight browsers sign in at once, again and again; return how many were left that are not asked."""
    found = set()
    for _ in range(ROUNDS):
        BrowserSession.objects.all().delete()
        keys = [new_session() for _ in range(THREADS)]
        together([partial(device_limit.signed_in, user.pk, key, "") for key in keys])
        assert BrowserSession.objects.count() == THREADS
        found.add(counted(user))
    return found


def left_by_confirmations(user: User) -> set[int]:
    """Let all that are asked confirm at once, again and again."""
    for _ in range(THREADS):
        sign_in(user)
    found = set()
    for _ in range(ROUNDS):
        keys = BrowserSession.objects.exclude(asked_at=None).values_list("session_id", flat=True)
        together([partial(device_limit.confirm, user, key) for key in keys])
        found.add(counted(user))
    return found


def left_by_places(user: User) -> set[int]:
    """Free one place and let all that are asked come back at once, again and again."""
    keys = [sign_in(user) for _ in range(THREADS)]
    found = set()
    for _ in range(ROUNDS):
        free = BrowserSession.objects.filter(asked_at=None).first()
        assert free
        free.delete()
        asked = set(keys) & set(
            BrowserSession.objects.exclude(asked_at=None).values_list("session_id", flat=True)
        )
        got = together([partial(device_limit.release, user, key) for key in asked])
        found.add(counted(user))
        assert sum(got) == counted(user) - (MOST - 1)
        BrowserSession.objects.all().delete()
        keys = [sign_in(user) for _ in range(THREADS)]
    return found


FLOWS = (left_by_sign_ins, left_by_confirmations, left_by_places)


@pytest.mark.parametrize("flow", FLOWS)
def test_whatever_happens_at_once_all_but_three_are_asked(
    paid: User, flow: Callable[[User], set[int]]
) -> None:
    assert flow(paid) == {MOST}


@pytest.mark.parametrize("flow", FLOWS)
def test_without_the_lock_of_the_person_more_are_left(
    paid: User, monkeypatch: pytest.MonkeyPatch, flow: Callable[[User], set[int]]
) -> None:
    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")
    assert max(flow(paid)) > MOST
