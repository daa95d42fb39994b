"""Who may open what."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.access.policy import has_access
from accounts.users.models import User

pytestmark = pytest.mark.django_db


def test_a_verified_person_has_access_with_one_query(
    anna: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert has_access(anna, "cert:mls-c01")


def test_an_unverified_person_has_none(anna: User) -> None:
    EmailAddress.objects.update(verified=False)
    assert not has_access(anna, "cert:mls-c01")


def test_a_person_without_an_address_has_none() -> None:
    assert not has_access(User.objects.create_user("new@example.org", "x"), "cert:mls-c01")


def test_a_closed_account_has_none_whatever_the_object_in_hand_says(anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert not has_access(anna, "cert:mls-c01")


def test_a_stranger_and_an_empty_code_have_none(anna: User) -> None:
    assert not has_access(AnonymousUser(), "cert:mls-c01")
    assert not has_access(anna, "")
