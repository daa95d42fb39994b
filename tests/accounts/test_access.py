"""Who may open what."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser

from accounts.access.policy import Access, Reason, access_of, access_of_many, has_access
from accounts.users.models import User

pytestmark = pytest.mark.django_db
CODE = "cert:mls-c01"


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


def test_the_answer_says_why_until_when_and_by_what(anna: User) -> None:
    assert access_of(anna, CODE) == Access(granted=True, reason=Reason.OPEN, until=None, source="")
    EmailAddress.objects.update(verified=False)
    assert access_of(anna, CODE) == Access(granted=False, reason=Reason.EMAIL_UNVERIFIED)
    assert access_of(AnonymousUser(), CODE) == Access(granted=False, reason=Reason.ANONYMOUS)
    User.objects.update(is_active=False)
    assert access_of(anna, CODE).reason == Reason.ANONYMOUS


def test_a_refusal_is_false_wherever_it_is_asked_as_a_condition(anna: User) -> None:
    assert access_of(anna, CODE)
    assert not access_of(AnonymousUser(), CODE)


def test_many_codes_are_answered_at_once(anna: User) -> None:
    codes = [CODE, "cert:other", "deck:mls-c01"]
    answers = access_of_many(anna, codes)
    assert list(answers) == codes
    assert all(answers.values())
    assert not any(access_of_many(AnonymousUser(), codes).values())


def test_an_empty_code_is_a_programming_error(anna: User) -> None:
    with pytest.raises(ValueError):
        access_of(anna, "")
    with pytest.raises(ValueError):
        access_of_many(anna, [CODE, ""])
