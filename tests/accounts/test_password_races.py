"""Passwords, links for new ones and passkeys, used by many at once: real threads on the real database."""

import time
from collections.abc import Callable
from functools import partial

import pytest
from django.conf import settings
from django.test import Client

from accounts.users.models import User
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.accounts.mails import delivered, path_in
from tests.accounts.signups import is_signed_in
from tests.accounts.soft_passkey import HOST, LOGIN, SoftPasskey
from tests.flows.crew import Crew

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 12


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were compared; each comparison takes its time."""
    seen: list[str] = []
    check = User.check_password

    def noted(self: User, raw: str) -> bool:
        seen.append(raw)
        time.sleep(0.05)
        return check(self, raw)

    monkeypatch.setattr(User, "check_password", noted)
    return seen


def sign_in(number: int) -> int:
    form = {"login": EMAIL, "password": f"wrong {number}"}
    return Client(REMOTE_ADDR="192.0.2.1").post("/accounts/login/", form).status_code


def ask_for_token(number: int) -> int:
    form = {"email": EMAIL, "password": f"wrong {number}"}
    browser = Client(REMOTE_ADDR="192.0.2.1")
    return browser.post("/api/v1/auth/token/", form, content_type="application/json").status_code


@pytest.mark.parametrize("act", [sign_in, ask_for_token])
def test_of_many_wrong_passwords_at_once_no_more_are_judged_than_one_after_another(
    anna: User, judged: list[str], act: Callable[[int], int]
) -> None:
    with Crew(MANY) as crew:
        crew.together([partial(act, number) for number in range(MANY)])
    assert 0 < len(judged) <= settings.AXES_FAILURE_LIMIT


def test_two_sign_ins_at_once_both_succeed(anna: User) -> None:
    def enter() -> int:
        return Client().post("/accounts/login/", {"login": EMAIL, "password": PASSWORD}).status_code

    with Crew(2) as crew:
        assert crew.together([enter] * 2) == [302, 302]


def test_of_many_who_use_one_link_at_once_one_sets_the_password(anna: User) -> None:
    Client().post("/accounts/password/reset/", {"email": EMAIL})
    link = path_in(delivered()[0])
    browsers = [Client(REMOTE_ADDR=f"192.0.2.{number}") for number in range(MANY)]
    pages = [browser.get(link)["Location"] for browser in browsers]

    def use(number: int) -> tuple[int, str]:
        new = f"four quiet harbors {number}77"
        reply = browsers[number].post(pages[number], {"password1": new, "password2": new})
        return reply.status_code, reply.content.decode()

    with Crew(MANY) as crew:
        replies = crew.together([partial(use, number) for number in range(MANY)])
    [winner] = [number for number, (status, _page) in enumerate(replies) if status == 302]
    assert User.objects.get().check_password(f"four quiet harbors {winner}77")
    assert all("This link isn" in page for status, page in replies if status != 302)


def test_of_many_who_send_one_answer_of_a_passkey_at_once_one_signs_in(anna: User) -> None:
    owner, passkey = Client(HTTP_HOST=HOST), SoftPasskey()
    owner.force_login(anna)
    owner.post("/accounts/reauthenticate/", {"password": PASSWORD})
    passkey.add(owner)
    asked = Client(HTTP_HOST=HOST)
    answer, key = passkey.answer(asked), asked.cookies["sessionid"].value

    def send(number: int) -> bool:
        browser = Client(HTTP_HOST=HOST, REMOTE_ADDR=f"192.0.2.{number}")
        browser.cookies["sessionid"] = key
        browser.post(LOGIN, {"credential": answer})
        return is_signed_in(browser)

    with Crew(MANY) as crew:
        outcomes = crew.together([partial(send, number) for number in range(MANY)])
    assert outcomes.count(True) == 1
