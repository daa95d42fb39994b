"""A code to sign in that is sent by two at once: real threads on the real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import connections, transaction
from django.test import Client

from accounts.base.errors import Refused
from accounts.email_verification import codes, sign_in
from accounts.email_verification.models import SignInCode
from accounts.users import person_lock
from accounts.users.models import BrowserSession, User
from tests.accounts.conftest import EMAIL
from tests.accounts.mails import code_in, delivered
from tests.accounts.signups import another_than
from tests.accounts.test_confirmation_races import at_once, somebody_waits_for_a_lock
from tests.accounts.test_sign_in_codes import ENTER, ask

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_code_that_is_used_many_times_at_once_signs_in_once(anna: User) -> None:
    waiting = sign_in.begin(EMAIL)
    found = at_once(40, lambda: sign_in.take(waiting.pk, sign_in.code_of(waiting)))
    assert found.count("confirmed") == 1
    assert set(found) <= {"confirmed", "gone", "spent_code"}


def test_of_many_guesses_at_once_no_more_are_judged_than_one_may_make(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []
    matches = codes.matches

    def noted(row: SignInCode, typed: str, salt: str) -> bool:
        judged.append(typed)
        return matches(row, typed, salt)

    monkeypatch.setattr(codes, "matches", noted)
    waiting = sign_in.begin(EMAIL)
    wrong = another_than(sign_in.code_of(waiting))
    found = at_once(40, lambda: sign_in.take(waiting.pk, wrong))
    assert set(found) <= {"wrong_code", "spent_code"}
    assert len(judged) == codes.MOST_TRIES
    assert SignInCode.objects.get().tries == codes.MOST_TRIES


def both(act: Callable[[], int]) -> list[int]:
    """Call `act` in two threads at the same moment."""
    start = Barrier(2)

    def one(_: int) -> int:
        start.wait()
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(one, range(2)))


def test_two_presses_with_the_same_code_leave_one_session_and_no_fault(anna: User) -> None:
    browser = Client()
    ask(browser)
    code = code_in(delivered()[0])
    cookie = browser.cookies["sessionid"].value

    def press() -> int:
        pressed = Client()
        pressed.cookies["sessionid"] = cookie
        return pressed.post(ENTER, {"code": code}).status_code

    assert both(press) == [302, 302]
    assert BrowserSession.objects.filter(user=anna).count() == 1
    assert Session.objects.count() == 1


def test_a_code_typed_while_the_account_is_closed_waits_and_is_refused(anna: User) -> None:
    waiting = sign_in.begin(EMAIL)

    def press() -> str:
        try:
            sign_in.take(waiting.pk, sign_in.code_of(waiting))
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()
        return "signed in"

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            User.objects.select_for_update(of=("self",)).get(pk=anna.pk)
            pressed = pool.submit(press)
            assert somebody_waits_for_a_lock()
            User.objects.update(is_active=False)
        assert pressed.result() == "gone"


def test_a_code_typed_while_the_address_is_removed_from_the_account_waits_and_is_refused(anna: User) -> None:
    other = EmailAddress.objects.create(user=anna, email="old@example.org", verified=True)
    waiting = sign_in.begin(other.email)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            person_lock.hold(anna.pk)
            pressed = pool.submit(at_once, 1, lambda: sign_in.take(waiting.pk, sign_in.code_of(waiting)))
            assert somebody_waits_for_a_lock()
            other.delete()
        assert pressed.result() == ["gone"]
