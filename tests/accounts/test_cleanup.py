"""`manage.py cleanup` and its nightly task: what has expired goes, what is valid stays."""

from datetime import timedelta
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db.models.functions import Now
from django.test import Client

from accounts.privacy import cleanup
from accounts.users import tokens
from accounts.users.models import ApiToken, User
from config.celery import app
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db

Told = list[tuple[int, str | None]]


def run(*options: str) -> str:
    """Run the command; return what it said."""
    said = StringIO()
    call_command("cleanup", *options, stdout=said)
    return said.getvalue()


@pytest.fixture
def kept(anna: User) -> Client:
    """A browser that is signed in, whose session is valid."""
    browser = Client()
    browser.force_login(anna)
    return browser


@pytest.fixture
def expired(kept: Client, anna: User, bela: User) -> ApiToken:
    """Two sessions, three cache rows, a wrong password and a token that expired, beside valid ones."""
    for minutes in (1, 16):
        wrong = AccessAttempt.objects.create(
            username="anna@example.org", ip_address=f"192.0.2.{minutes}", failures_since_start=1
        )
        AccessAttempt.objects.filter(pk=wrong.pk).update(attempt_time=Now() - timedelta(minutes=minutes))
    for number in range(2):
        Session.objects.create(session_key=f"old{number}", expire_date=Now() - timedelta(seconds=1))
    for number in range(3):
        cache.set(f"old{number}", number, -60)
    cache.set("kept", 1, 900)
    tokens.issue(anna)
    ApiToken.objects.update(expires_at=Now())
    tokens.issue(bela)
    return ApiToken.objects.get(user=anna)


def test_what_has_expired_goes_and_what_is_valid_stays(
    expired: ApiToken, kept: Client, bela: User, ended: Told
) -> None:
    assert run() == "cleaned 2 sessions, 3 cache rows, 1 failed sign-ins, 0 unconfirmed addresses, 1 tokens\n"
    assert kept.get("/accounts/profile/").status_code == 200
    assert cache.get("kept") == 1
    assert AccessAttempt.objects.count() == 1
    assert tokens.valid_tokens(bela).count() == 1
    assert ended == [(expired.user_id, f"token:{expired.pk}")]
    assert run() == "cleaned 0 sessions, 0 cache rows, 0 failed sign-ins, 0 unconfirmed addresses, 0 tokens\n"


def test_a_dry_run_says_the_same_and_changes_nothing(expired: ApiToken, ended: Told) -> None:
    said = "would clean 2 sessions, 3 cache rows, 1 failed sign-ins, 0 unconfirmed addresses, 1 tokens\n"
    assert run("--dry-run") == said
    assert run("--dry-run") == said
    assert ended == []


def test_more_rows_than_a_batch_are_all_deleted(expired: ApiToken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "BATCH", 2)
    assert cleanup.clean() == cleanup.Cleaned(2, 3, 1, 0, 1)


def test_the_schedule_names_a_task_that_cleans(expired: ApiToken) -> None:
    app.loader.import_default_modules()
    task = app.tasks[app.conf.beat_schedule["cleanup"]["task"]]
    task()
    assert cleanup.due() == cleanup.Cleaned(0, 0, 0, 0, 0)


def test_a_limit_that_still_counts_survives_the_cleaning(anna: User) -> None:
    for number in range(31):
        Client(REMOTE_ADDR=f"192.0.2.{number // 4}").post(
            "/accounts/login/", {"login": anna.email, "password": "wrong password"}
        )
    run()
    reply = Client(REMOTE_ADDR="192.0.2.99").post(
        "/accounts/login/", {"login": anna.email, "password": PASSWORD}
    )
    assert "Too many incorrect passwords." in reply.content.decode()


def test_the_help_says_what_is_deleted(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("cleanup", "--help")
    assert "expired sessions" in capsys.readouterr().out
