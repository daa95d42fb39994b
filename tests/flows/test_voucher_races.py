"""Vouchers redeemed by many at once: never more often than a code may be, and nobody waits forever."""

import hashlib
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from threading import local
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.access import entitlements, vouchers
from accounts.access.models import Entitlement, ProductVersion, Redemption
from accounts.base.errors import Refused
from accounts.users import person_lock
from accounts.users.models import User
from tests import factories
from tests.accounts import selling
from tests.accounts.vouchers import make_codes, make_version
from tests.exams.attempts.helpers import replace_sql
from tests.flows.crew import Crew, connection_closed
from tests.flows.dropped import dropped

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.controls]

THREADS, USES = 40, 3
EMPTIED = ("accounts_redemption", "accounts_entitlement", "accounts_voucher", "accounts_voucherbatch")
# In place of the lock: the same parameters, and nothing waits.
NO_LOCK = ("pg_advisory_xact_lock(%s, %s)", "hashint4(%s) + hashint4(%s)")


def together(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the jobs at once, on connections that are open already."""
    with Crew(len(jobs)) as crew:
        crew.together([lambda: Redemption.objects.first()] * len(jobs))
        return crew.together(jobs)


def redeemed_by_many(people: list[User], version: ProductVersion) -> Counter[str]:
    """Let everybody redeem one code at once; count what they were told."""
    [code] = make_codes(version, uses=USES)

    def redeem(user: User) -> str:
        try:
            vouchers.redeem(user=user, voucher_code=code)
        except Refused as refused:
            return refused.code
        except IntegrityError:
            return "unique key"
        return "given"

    results = together([partial(redeem, user) for user in people])
    return Counter(map(str, results))


@pytest.fixture
def people(transactional_db: None) -> list[User]:
    """As many as there are threads."""
    return [factories.make_user() for _ in range(THREADS)]


def test_forty_at_once_redeem_a_voucher_of_three_uses_exactly_three_times(people: list[User]) -> None:
    version = make_version()
    for round_ in range(1, 4):
        outcomes = redeemed_by_many(people, version)
        assert outcomes == {"given": USES, "invalid_voucher": THREADS - USES}
        assert Entitlement.objects.count() == USES * round_


def test_without_its_lock_the_unique_key_alone_holds_and_without_both_too_many_get_in(
    people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    version = make_version()
    replace_sql(monkeypatch, vouchers, "LOCK", *NO_LOCK)
    outcomes: Counter[str] = Counter()
    for round_ in range(1, 11):
        outcomes += redeemed_by_many(people, version)
        assert Entitlement.objects.count() <= USES * round_
        if outcomes["unique key"]:
            break
    assert outcomes["unique key"]  # with the lock nobody ever meets it
    with dropped("accounts_redemption", "redemption_number_once", emptied=EMPTIED):
        for _ in range(10):
            outcomes = redeemed_by_many(people, version)
            if outcomes["given"] > USES:
                break
        assert outcomes["given"] > USES


def test_a_person_who_presses_twice_on_two_devices_gets_it_once(people: list[User]) -> None:
    version = make_version()
    [code] = make_codes(version, uses=USES)
    results = together([lambda: vouchers.redeem(user=people[0], voucher_code=code)] * 8)
    assert sorted(one.again for one in results) == [False] + [True] * 7
    assert Entitlement.objects.count() == Redemption.objects.count() == 1


def test_one_person_redeems_two_vouchers_at_once_and_gets_six_months(people: list[User]) -> None:
    version = make_version()
    for user in people[:20]:
        codes = make_codes(version, count=2)
        jobs = [partial(vouchers.redeem, user=user, voucher_code=code) for code in codes]
        results = together(jobs)
        assert all(isinstance(one, vouchers.Redeemed) for one in results), results
        first, second = Entitlement.objects.filter(user=user).order_by("starts_at")
        assert second.starts_at == first.ends_at
        assert second.ends_at == selling.after(first.ends_at)


def test_without_the_lock_of_the_person_two_vouchers_run_side_by_side(
    people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    version = make_version()
    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")

    def stacked(user: User) -> bool:
        codes = make_codes(version, count=2)
        together([partial(vouchers.redeem, user=user, voucher_code=code) for code in codes])
        first, second = Entitlement.objects.filter(user=user).order_by("starts_at")
        return bool(second.starts_at == first.ends_at)

    assert not all(stacked(user) for user in people)


def test_a_time_that_was_read_before_the_wait_for_the_lock_lets_two_vouchers_run_side_by_side(
    people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waited has an older time than what was given meanwhile, and takes it for something later."""
    version = make_version()
    read = local()

    def hold(user_id: int) -> None:
        read.at = entitlements_now()
        time.sleep(0.02 * random.random())
        held(user_id)

    entitlements_now, held = entitlements.now, person_lock.hold
    monkeypatch.setattr(person_lock, "hold", hold)
    monkeypatch.setattr(entitlements, "now", lambda: read.at)
    side_by_side = 0
    for user in people:
        together(
            [partial(vouchers.redeem, user=user, voucher_code=code) for code in make_codes(version, count=2)]
        )
        first, second = Entitlement.objects.filter(user=user).order_by("starts_at")
        side_by_side += second.starts_at < first.ends_at
    assert side_by_side


def test_codes_whose_locks_have_one_key_do_not_stop_each_other(people: list[User]) -> None:
    """A key is four bytes of the hash: two codes may share one, and then only wait for each other."""
    version = make_version()
    [code] = make_codes(version)
    digest = hashlib.sha256(vouchers.normalized(code).encode()).digest()

    def held() -> None:
        with transaction.atomic():
            vouchers._lock(digest[:4] + bytes(28))
            vouchers.redeem(user=people[0], voucher_code=make_codes(version)[0])

    assert together([held, lambda: vouchers.redeem(user=people[1], voucher_code=code).again]) == [None, False]
    connection_closed()
