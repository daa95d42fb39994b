"""The figures of access: the question that nearly every page asks, a sign-up, a redeemed voucher.

All of them are asked in this process, so that nothing of a server is in them; what PostgreSQL works is.
"""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final

from django.db import connection
from django.test import Client
from django.test.utils import setup_test_environment, teardown_test_environment

from accounts.access import policy, products, vouchers
from accounts.access.models import EVERYTHING, Entitlement, Kind, Product, ProductVersion, Source
from accounts.users.hashers import Argon2PasswordHasher
from accounts.users.models import User
from tests.bench import stock
from tests.bench.figures import Bench, Figures
from tests.bench.servers import Broken

PEOPLE: Final = 5_000
GIVEN: Final = 6
"""Entitlements of each person, one after the other; the last but one runs."""
CODE: Final = f"cert:{stock.CODE}"
WINDOWS: Final = 5
PARTS: Final = 5
"""Of a window, in which the time of this process is read; that of others has only hundredths of a second."""
QUESTIONS: Final = 2_000
FORMS: Final = 25
PASSWORD: Final = "three tall ferries 44"


def access(bench: Bench) -> Figures:
    """Measure the question of access among 30,000 entitlements, a sign-up and a voucher."""
    people = stock.people(PEOPLE, "customer")
    version = _sell()
    _give(people)
    stock.analyze()
    setup_test_environment(debug=False)
    try:
        found = {
            "access_cpu_ms": _least(bench, _questions(people), QUESTIONS),
            "signup_cpu_ms": _least(bench, _sign_ups(), FORMS),
            "redeem_cpu_ms": _least(bench, _redemptions(people, version), FORMS),
        }
    finally:
        teardown_test_environment()
    for name, value in found.items():
        bench.say(f"{name}: {value:.3f}, the least of {WINDOWS} windows")
    return {**{name: round(value, 3) for name, value in found.items()}, "argon2": _parameters()}


def sell_to(people: Sequence[User]) -> None:
    """Put the certification on sale, and give these people access to it."""
    _sell()
    _give(people)


def _sell() -> ProductVersion:
    product = Product.objects.create(slug=stock.CODE, kind=Kind.CERTIFICATION)
    return products.publish(product, codes=[CODE], months=3, prices={"EUR": 2900})


def _give(people: Sequence[User]) -> None:
    first = stock.now() - dt.timedelta(days=90 * (GIVEN - 2) + 45)
    Entitlement.objects.bulk_create(
        (
            Entitlement(
                user=user,
                code=CODE,
                starts_at=first + dt.timedelta(days=90 * number),
                ends_at=first + dt.timedelta(days=90 * (number + 1)),
                source=Source.PURCHASE,
                source_id=f"bench-{user.pk}-{number}",
            )
            for user in people
            for number in range(GIVEN)
        ),
        batch_size=2000,
    )


def _least(bench: Bench, act: Callable[[], None], number: int) -> float:
    """Return the CPU ms of an act: the least that this process needed in a window, and PostgreSQL's least.

    A busy machine makes the same work cost more, by its caches; never less.
    """
    own, postgres = list[float](), list[float]()
    act()
    for _ in range(WINDOWS):
        before = bench.servers.usage()
        for _ in range(PARTS):
            began = time.process_time()
            for _ in range(number // PARTS):
                act()
            own.append((time.process_time() - began) * PARTS)
        postgres.append(bench.servers.usage().since(before).groups["postgres"])
    return (min(own) + min(postgres)) * 1000 / number


def _questions(people: Sequence[User]) -> Callable[[], None]:
    numbers = count()

    def ask() -> None:
        found = policy.access_of(people[next(numbers) * 7 % PEOPLE], CODE)
        if found.reason is not policy.Reason.ENTITLED:
            raise Broken(f"access was refused: {found}")

    return ask


def _sign_ups() -> Callable[[], None]:
    numbers = count()

    def sign_up() -> None:
        number = next(numbers)
        browser = Client(REMOTE_ADDR=f"10.1.{number // 250}.{number % 250}")
        values = {"email": f"new{number}@example.org", "password1": PASSWORD}
        reply = browser.post("/accounts/signup/", values)
        if (reply.status_code, reply["Location"]) != (302, "/accounts/confirm-email/"):
            raise Broken(f"a sign-up answered {reply.status_code}")

    return sign_up


def _redemptions(people: Sequence[User], version: ProductVersion) -> Callable[[], None]:
    acts = 1 + WINDOWS * FORMS
    _batch, codes = vouchers.create_batch(actor=None, version=version, count=acts)
    waiting = []
    for user, code in zip(people, codes, strict=False):
        browser = Client()
        browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        waiting.append((browser, code))

    def redeem() -> None:
        browser, code = waiting.pop()
        reply = browser.post("/redeem/", {"code": code})
        if reply.status_code != 302:
            raise Broken(f"a voucher answered {reply.status_code}")

    return redeem


def _parameters() -> str:
    hasher = Argon2PasswordHasher
    return f"t={hasher.time_cost} m={hasher.memory_cost} KiB p={hasher.parallelism}"


def explain(user: User) -> str:
    """Return how the question is planned, for whoever wonders why it costs what it does."""
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"user": user.pk, "codes": [CODE], "everything": EVERYTHING}
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {policy.ACCESS_SQL}", values)
        return "\n".join(row[0] for row in cursor.fetchall())
