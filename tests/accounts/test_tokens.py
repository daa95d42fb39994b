"""API tokens: hashed, found, ended."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.users import tokens
from accounts.users.models import ApiToken, User


def test_only_a_hash_of_the_token_is_stored(anna: User) -> None:
    plain = tokens.issue(anna, "script")
    row = ApiToken.objects.values().get()
    assert plain not in str(row)
    assert row["prefix"] == plain[:8]
    assert len(row["digest"]) == 64
    assert len(plain) >= 43


def test_a_token_finds_its_owner_and_expires_after_thirty_days(anna: User) -> None:
    issued = tokens.issue_with_expiry(anna, "script")
    found = tokens.find(issued.token_text)
    assert found is not None
    assert found.user == anna
    stored = ApiToken.objects.get()
    assert stored.expires_at - stored.created_at == timedelta(days=30)
    assert issued.expires_at == stored.expires_at


@pytest.mark.parametrize("forged", ["", "x", "é\ud800", "a" * 10_000, "\0"])
def test_a_forged_token_finds_nobody(anna: User, forged: str) -> None:
    tokens.issue(anna)
    assert tokens.find(forged) is None


def test_an_expired_token_finds_nobody(anna: User) -> None:
    plain = tokens.issue(anna)
    ApiToken.objects.update(expires_at=Now())
    assert tokens.find(plain) is None


def test_a_revoked_token_finds_nobody_and_cannot_be_revoked_twice(anna: User) -> None:
    plain = tokens.issue(anna)
    token_id = ApiToken.objects.get().pk
    assert tokens.revoke(anna, token_id)
    assert tokens.find(plain) is None
    assert not tokens.revoke(anna, token_id)


def test_nobody_revokes_the_token_of_another(anna: User, bela: User) -> None:
    plain = tokens.issue(anna)
    assert not tokens.revoke(bela, ApiToken.objects.get().pk)
    assert tokens.find(plain) is not None


def test_the_token_of_an_inactive_person_finds_nobody(anna: User) -> None:
    plain = tokens.issue(anna)
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert tokens.find(plain) is None


def test_the_use_is_noted_at_most_once_an_hour(
    anna: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plain = tokens.issue(anna)
    with django_assert_num_queries(2):
        tokens.find(plain)
    with django_assert_num_queries(1) as seen:
        tokens.find(plain)
    assert isinstance(seen, CaptureQueriesContext)
    ApiToken.objects.update(last_used_at=Now() - timedelta(hours=2))
    old = ApiToken.objects.get().last_used_at
    tokens.find(plain)
    new = ApiToken.objects.get().last_used_at
    assert old is not None
    assert new is not None
    assert new > old


def test_the_list_holds_only_valid_tokens_of_the_person(anna: User, bela: User) -> None:
    tokens.issue(anna, "one")
    tokens.issue(bela, "not mine")
    tokens.issue(anna, "gone")
    ApiToken.objects.filter(name="gone").update(revoked_at=Now())
    assert [token.name for token in tokens.valid_tokens(anna)] == ["one"]
