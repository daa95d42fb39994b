"""The end of a session reaches everybody who wants to know."""

import pytest
from django.db import connection
from django.test import Client

from accounts.privacy import registry, services
from accounts.users import tokens
from accounts.users.models import User
from tests.accounts.conftest import PASSWORD

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

    monkeypatch.setattr(registry, "_session_hooks", [])
    for hook in (breaks_sql, raises, works, works):
        registry.on_session_end(hook)
    registry.session_ended(anna.pk, "abc")
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
