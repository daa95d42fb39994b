"""Confirming an address while something else happens to it: real threads on the real database."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, connections, transaction
from django.test import Client

from accounts.base.errors import Refused
from accounts.email_verification import codes, services
from accounts.email_verification.models import PendingConfirmation
from accounts.users.models import User
from tests.accounts.conftest import PASSWORD
from tests.accounts.mails import delivered, path_in
from tests.accounts.signups import NEW, another_than, sign_up

pytestmark = pytest.mark.django_db


def at_once(acts: int, act: object) -> list[str]:
    """Call `act` in so many threads at once; return "confirmed" or the code of the refusal for each."""

    def one(_number: int) -> str:
        try:
            act()  # type: ignore[operator]
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()
        return "confirmed"

    with ThreadPoolExecutor(acts) as pool:
        return list(pool.map(one, range(acts)))


@pytest.mark.django_db(transaction=True)
def test_a_code_that_is_used_many_times_at_once_confirms_once() -> None:
    pending = services.begin_sign_up(NEW, PASSWORD, language="en")
    code = services.code_of(pending)
    found = at_once(40, lambda: services.confirm_by_code(pending.pk, code))
    assert found.count("confirmed") == 1
    assert set(found) <= {"confirmed", "gone", "spent_code"}
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_no_more_are_judged_than_one_may_make() -> None:
    pending = services.begin_sign_up(NEW, PASSWORD, language="en")
    wrong = another_than(services.code_of(pending))
    found = at_once(40, lambda: services.confirm_by_code(pending.pk, wrong))
    assert set(found) <= {"wrong_code", "spent_code"}
    assert PendingConfirmation.objects.get().tries == codes.MOST_TRIES


@pytest.mark.django_db(transaction=True)
def test_two_sign_ups_with_one_address_confirmed_at_once_make_one_account() -> None:
    for number in range(5):
        address = f"new{number}@example.org"
        both = [services.begin_sign_up(address, PASSWORD, language="en") for _ in range(2)]
        keys = iter(both)
        found = at_once(2, lambda keys=keys: services.confirm(next(keys)))
        assert sorted(found) == ["address_taken", "confirmed"]
        assert User.objects.filter(email=address).count() == 1


def somebody_waits_for_a_lock() -> bool:
    """Wait until a statement waits for a lock of this connection, whatever other tests of the server do."""
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks "
                "WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.05)
    return False


@pytest.mark.django_db(transaction=True)
def test_a_link_pressed_while_the_address_is_changed_does_not_confirm_the_new_one(client: Client) -> None:
    sign_up(client)
    path = path_in(delivered()[0])
    pending = PendingConfirmation.objects.get()

    def press() -> int:
        try:
            return Client().post(path, {"password": PASSWORD}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.change_address(pending.pk, "somebody.else@example.org")
            pressed = pool.submit(press)
            assert somebody_waits_for_a_lock()
        assert pressed.result() == 404
    assert not User.objects.exists()


def test_a_code_typed_while_the_address_is_changed_does_not_confirm_the_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pending = services.begin_sign_up(NEW, PASSWORD, language="en")
    code = services.code_of(pending)

    def right_but_late(*_: object) -> bool:
        services.change_address(pending.pk, "somebody.else@example.org")
        return True

    monkeypatch.setattr(codes, "constant_time_compare", right_but_late)
    with pytest.raises(Refused) as refused:
        services.confirm_by_code(pending.pk, code)
    assert refused.value.code == "gone"
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_signing_in_again_while_the_address_is_confirmed_never_blocks_both() -> None:
    person = User.objects.create_user("late@example.org", PASSWORD)
    EmailAddress.objects.create(user=person, email=person.email, verified=False, primary=False)
    pending = services.begin_address(person, person.email, language="en")

    def confirm() -> str:
        try:
            services.confirm(pending)
        finally:
            connections.close_all()
        return "confirmed"

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            User.objects.select_for_update(of=("self",)).get(pk=person.pk)
            confirmed = pool.submit(confirm)
            assert somebody_waits_for_a_lock()
            services.begin_address(person, person.email, language="en")
        assert confirmed.result() == "confirmed"
    assert EmailAddress.objects.get().verified
