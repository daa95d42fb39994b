"""Browsers that sign in, confirm and come back at the same moment: never more than the limit, never fewer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import override_settings

from accounts.access import device_limit
from accounts.privacy import services as privacy
from accounts.users import person_lock, sessions
from accounts.users.models import BrowserSession, User
from tests import roles
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
    """Run the jobs at once; none may fail."""
    with Crew(len(jobs)) as crew:
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
    try:
        left = max(flow(paid))
    except AssertionError as failure:
        # Or they change the same rows in another order, and the database stops one of them.
        assert "deadlock detected" in str(failure)
    else:
        assert left > MOST


# --- Signing out elsewhere while too many are asked -----------------------------------------------------
@contextmanager
def slow_rows() -> Iterator[None]:
    """Let every change of a row of the list take its time, so that two who change several meet."""
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(0.03); RETURN coalesce(NEW, OLD); END $$"
        )
        cursor.execute(
            "CREATE TRIGGER linger BEFORE UPDATE OR DELETE ON accounts_browsersession"
            " FOR EACH ROW EXECUTE FUNCTION linger()"
        )
    try:
        yield
    finally:
        with roles.as_owner(), connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION linger CASCADE")


def outcomes_of_signing_out_elsewhere(
    user: User, sign_out: Callable[[str], object], rounds: int = 4
) -> list[Any]:
    """Sign out elsewhere and have all browsers but one asked, at once; return what first went wrong."""
    wrong: list[Any] = []
    for _ in range(rounds):
        Session.objects.all().delete()
        keys = [new_session() for _ in range(THREADS)]
        # In two orders, or who signs out and who asks would go through the rows in the same one.
        for key in keys[::2] + keys[1::2][::-1]:
            sessions.signed_in(user.pk, key, "")
        kept = new_session()
        with slow_rows(), override_settings(DEVICES_PER_ACCOUNT=1), Crew(2) as crew:
            done = crew.together(
                [partial(device_limit.signed_in, user.pk, kept, ""), partial(sign_out, kept)]
            )
        wrong = [one for one in done if isinstance(one, Exception)]
        if wrong:
            break
    return wrong


SIGN_OUT: dict[str, Callable[[User], Callable[[str], object]]] = {
    "sign out elsewhere": lambda user: partial(privacy.end_other_sessions, user),
    "new password": lambda user: lambda _kept: privacy.end_sessions(user),
}


@pytest.mark.parametrize("act", SIGN_OUT)
def test_signing_out_elsewhere_and_asking_the_oldest_browser_at_once_never_block_each_other(
    paid: User, act: str
) -> None:
    assert outcomes_of_signing_out_elsewhere(paid, SIGN_OUT[act](paid)) == []


@pytest.mark.parametrize("act", SIGN_OUT)
def test_without_the_lock_of_the_person_signing_out_elsewhere_and_asking_block_each_other(
    paid: User, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")
    wrong = outcomes_of_signing_out_elsewhere(paid, SIGN_OUT[act](paid), rounds=10)
    assert any("deadlock detected" in str(one) for one in wrong), wrong
