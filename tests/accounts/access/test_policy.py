"""Every answer to the question of access, with what is sold and what was given."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts.access import entitlements
from accounts.access.models import EVERYTHING, Entitlement, Product, Source
from accounts.access.policy import Reason, access_of, access_of_many
from accounts.users.models import User
from tests.accounts.access.shop import CODE, make_bundle, make_version, now, run

pytestmark = pytest.mark.django_db
OTHER = "cert:other"
DAY = timedelta(days=1)


def test_what_no_product_names_is_open(anna: User) -> None:
    make_version()
    assert access_of(anna, OTHER).reason == Reason.OPEN
    assert access_of(anna, CODE).reason == Reason.NOT_ENTITLED


def test_what_a_product_named_once_stays_closed_when_it_is_no_longer_sold_or_opens_something_else(
    anna: User,
) -> None:
    make_version()
    make_version(OTHER)
    Product.objects.update(on_sale=False)
    assert access_of(anna, CODE).reason == Reason.NOT_ENTITLED
    assert access_of(anna, OTHER).reason == Reason.NOT_ENTITLED


def test_a_product_of_everything_closes_every_code(anna: User) -> None:
    make_bundle()
    assert {one.reason for one in access_of_many(anna, [CODE, OTHER]).values()} == {Reason.NOT_ENTITLED}


def test_an_entitlement_opens_its_code_alone_and_says_until_when(anna: User, bela: User) -> None:
    make_version(CODE, OTHER)
    given = run(anna, -DAY, DAY)
    answer = access_of(anna, CODE)
    assert (answer.reason, answer.until, answer.source) == (Reason.ENTITLED, given.ends_at, "purchase")
    assert not access_of(anna, OTHER)
    assert not access_of(bela, CODE)


def test_an_entitlement_to_everything_opens_every_code(anna: User) -> None:
    make_version()
    make_bundle()
    given = run(anna, -DAY, DAY, code=EVERYTHING, source=Source.SUBSCRIPTION)
    for answer in access_of_many(anna, [CODE, OTHER]).values():
        assert (answer.granted, answer.until, answer.source) == (True, given.ends_at, "subscription")


def test_what_runs_for_a_code_and_for_everything_comes_to_one(anna: User) -> None:
    make_version()
    at = now()
    run(anna, -DAY, 2 * DAY, at=at)
    run(anna, 2 * DAY, 9 * DAY, code=EVERYTHING, at=at)
    assert access_of(anna, CODE).until == at + 9 * DAY


def test_access_that_is_over_says_when_it_ended(anna: User) -> None:
    make_version()
    given = run(anna, -9 * DAY, -DAY)
    answer = access_of(anna, CODE)
    assert (answer.granted, answer.reason, answer.until) == (False, Reason.ENDED, given.ends_at)


def test_access_that_has_not_begun_opens_nothing(anna: User) -> None:
    make_version()
    run(anna, DAY, 9 * DAY)
    assert access_of(anna, CODE).reason == Reason.NOT_ENTITLED


def test_an_end_counts_from_its_time_and_of_several_the_earliest(anna: User) -> None:
    make_version()
    given = run(anna, -DAY, 90 * DAY)
    at = now()
    entitlements.end([given], at=at + 5 * DAY, actor=None, reason="refund")
    assert access_of(anna, CODE).until == at + 5 * DAY
    entitlements.end([given], at=at + 7 * DAY, actor=None, reason="later")
    assert access_of(anna, CODE).until == at + 5 * DAY
    entitlements.end([given], at=None, actor=None, reason="now")
    answer = access_of(anna, CODE)
    assert (answer.granted, answer.reason) == (False, Reason.ENDED)
    assert answer.until is not None
    assert at <= answer.until <= now()


def test_an_end_after_the_end_prolongs_nothing(anna: User) -> None:
    make_version()
    given = run(anna, -DAY, DAY)
    entitlements.end([given], at=given.ends_at + DAY, actor=None, reason="mistake")
    assert access_of(anna, CODE).until == given.ends_at


def test_a_closed_account_and_an_unverified_one_open_nothing_whatever_they_bought(anna: User) -> None:
    make_version()
    run(anna, -DAY, DAY)
    EmailAddress.objects.update(verified=False)
    assert access_of(anna, CODE).reason == Reason.EMAIL_UNVERIFIED
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert access_of(anna, CODE).reason == Reason.ANONYMOUS


def test_an_entitlement_without_a_person_opens_nothing_to_anybody(anna: User) -> None:
    make_version()
    run(anna, -DAY, DAY)
    Entitlement.objects.update(user=None)
    assert access_of(anna, CODE).reason == Reason.NOT_ENTITLED
