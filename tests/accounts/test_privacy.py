"""The end of a session reaches everybody who wants to know."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.db import connection
from django.db.models.functions import Now
from django.test import Client

from accounts.base import hooks
from accounts.privacy import services
from accounts.users import tokens
from accounts.users.models import ApiToken, User
from tests.accounts.conftest import PASSWORD
from tests.hooked import register_only

Told = list[tuple[int, str | None]]


def test_a_failing_hook_neither_raises_nor_stops_the_others(
    anna: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told: Told = []

    def breaks_sql(user_id: int, key: str | None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select 1 / 0")

    def raises(user_id: int, key: str | None) -> None:
        raise RuntimeError("no")

    def works(user_id: int, key: str | None) -> None:
        told.append((user_id, key))
        User.objects.filter(pk=user_id).exists()

    register_only(monkeypatch, "session_ended")
    for hook in (breaks_sql, raises, works, works):
        hooks.register("session_ended", hook)
    services.session_ended(anna.pk, "abc")
    assert told == [(anna.pk, "abc")]
    assert len(caplog.records) == 2


def test_logging_out_tells_which_session_ended(signed_in: Client, anna: User, ended: Told) -> None:
    key = signed_in.session.session_key
    reply = signed_in.post("/accounts/logout/")
    assert reply.status_code == 302
    assert ended == [(anna.pk, f"session:{key}")]
    assert "_auth_user_id" not in signed_in.session


def test_logging_out_needs_a_post(signed_in: Client, ended: Told) -> None:
    assert signed_in.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in signed_in.session
    assert ended == []


def test_changing_the_password_ends_other_sessions_tokens_and_leases_but_not_this_session(
    signed_in: Client, anna: User, ended: Told
) -> None:
    other = Client()
    other.force_login(anna)
    plain = tokens.issue(anna)
    reply = signed_in.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "quite another one", "password2": "quite another one"},
    )
    assert reply.status_code == 302
    assert ended == [(anna.pk, None)]
    assert tokens.find(plain) is None
    assert signed_in.get("/accounts/profile/").status_code == 200
    assert other.get("/accounts/profile/").status_code == 302


def test_a_wrong_old_password_changes_nothing(signed_in: Client, anna: User, ended: Told) -> None:
    reply = signed_in.post(
        "/accounts/password/change/",
        {"oldpassword": "wrong", "password1": "quite another one", "password2": "quite another one"},
    )
    assert reply.status_code == 200
    assert ended == []
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def test_closing_an_account_ends_everything(signed_in: Client, anna: User, ended: Told) -> None:
    plain = tokens.issue(anna)
    services.deactivate(anna)
    assert ended == [(anna.pk, None)]
    assert tokens.find(plain) is None
    assert signed_in.get("/accounts/profile/").status_code == 302


def test_an_account_that_is_opened_again_asks_everybody_to_sign_in(signed_in: Client, anna: User) -> None:
    """Also who never showed the session meanwhile: a browser that was left open somewhere, or was stolen."""
    services.deactivate(anna)
    anna.is_active = True
    anna.save(update_fields=["is_active"])
    assert signed_in.get("/accounts/profile/").status_code == 302


def test_closing_an_account_leaves_the_sessions_of_others(signed_in: Client, anna: User, bela: User) -> None:
    services.deactivate(bela)
    assert signed_in.get("/accounts/profile/").status_code == 200


def test_revoking_a_token_by_the_api_ends_what_that_token_held(
    signed_in: Client, anna: User, ended: Told
) -> None:
    tokens.issue(anna)
    token_id = ApiToken.objects.get().pk
    assert signed_in.delete(f"/api/v1/auth/tokens/{token_id}/").status_code == 204
    assert ended == [(anna.pk, f"token:{token_id}")]
    assert signed_in.delete(f"/api/v1/auth/tokens/{token_id}/").status_code == 404
    assert len(ended) == 1


def test_revoking_the_token_of_another_ends_nothing(
    signed_in: Client, anna: User, bela: User, ended: Told
) -> None:
    tokens.issue(bela)
    assert signed_in.delete(f"/api/v1/auth/tokens/{ApiToken.objects.get().pk}/").status_code == 404
    assert ended == []


def test_revoking_tokens_in_the_admin_ends_what_they_held(
    admin_client: Client, anna: User, ended: Told
) -> None:
    tokens.issue(anna)
    token_id = ApiToken.objects.get().pk
    ended.clear()
    admin_client.post("/admin/accounts/apitoken/", {"action": "revoke", "_selected_action": [token_id]})
    assert ended == [(anna.pk, f"token:{token_id}")]


def test_a_second_factor_ends_the_tokens_of_before_and_what_they_held_but_no_session(
    signed_in: Client, anna: User, ended: Told
) -> None:
    plain = tokens.issue(anna)
    token_id = ApiToken.objects.get().pk
    factor = Authenticator.objects.create(user=anna, type="totp", data={"secret": "x"})
    authenticator_added.send(sender=Authenticator, request=None, user=anna, authenticator=factor)
    assert tokens.find(plain) is None
    assert ended == [(anna.pk, f"token:{token_id}")]


def test_the_password_page_of_the_admin_leads_to_that_of_the_site(
    admin_client: Client, admin_user: User, ended: Told
) -> None:
    new = {"new_password1": "quite another one", "new_password2": "quite another one"}
    reply = admin_client.post("/admin/password_change/", {"old_password": "password", **new})
    assert (reply.status_code, reply["Location"]) == (302, "/accounts/password/change/")
    admin_user.refresh_from_db()
    assert admin_user.check_password("password")


def test_a_token_that_expired_loses_what_it_held_once(anna: User, bela: User, ended: Told) -> None:
    tokens.issue(anna)
    ApiToken.objects.update(expires_at=Now())
    expired = ApiToken.objects.get()
    tokens.issue(bela)
    assert services.end_expired_tokens() == 1
    assert ended == [(anna.pk, f"token:{expired.pk}")]
    assert services.end_expired_tokens() == 0
    expired.refresh_from_db()
    assert expired.revoked_at == expired.expires_at
