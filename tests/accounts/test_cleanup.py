"""`manage.py cleanup` and its nightly task: what has expired goes, what is valid stays."""

from datetime import timedelta
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.jobs.models import Job, JobFile, State
from accounts.outbox import services as outbox
from accounts.outbox.models import Mail
from accounts.privacy import cleanup, erasure
from accounts.privacy.models import ErasureRequest
from accounts.users import tokens
from accounts.users.models import ApiToken, User
from config.celery import app
from exams.attempts.models import RefusedAnswer
from tests import roles
from tests.accounts.conftest import PASSWORD
from tests.accounts.mails import delivered
from tests.factories import Form, start

pytestmark = pytest.mark.django_db

ELSE = ", 0 emails, 0 files, 0 jobs, 0 sign-in codes, 0 refused answers, 0 imported files\n"
NAMES = (
    *(
        "sessions",
        "cache rows",
        "failed sign-ins",
        "unconfirmed addresses",
        "tokens",
        "emails",
        "files",
        "jobs",
    ),
    *("sign-in codes", "refused answers", "imported files"),
)
NOTHING = dict.fromkeys(NAMES, 0)

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
    assert (
        run()
        == f"cleaned 2 sessions, 3 cache rows, 1 failed sign-ins, 0 unconfirmed addresses, 1 tokens{ELSE}"
    )
    assert kept.get("/accounts/profile/").status_code == 200
    assert cache.get("kept") == 1
    assert AccessAttempt.objects.count() == 1
    assert tokens.valid_tokens(bela).count() == 1
    assert ended == [(expired.user_id, f"token:{expired.pk}")]
    assert (
        run()
        == f"cleaned 0 sessions, 0 cache rows, 0 failed sign-ins, 0 unconfirmed addresses, 0 tokens{ELSE}"
    )


def test_a_dry_run_says_the_same_and_changes_nothing(expired: ApiToken, ended: Told) -> None:
    said = f"would clean 2 sessions, 3 cache rows, 1 failed sign-ins, 0 unconfirmed addresses, 1 tokens{ELSE}"
    assert run("--dry-run") == said
    assert run("--dry-run") == said
    assert ended == []


def test_more_rows_than_a_batch_are_all_deleted(expired: ApiToken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "BATCH", 2)
    assert cleanup.clean() == NOTHING | {
        "sessions": 2,
        "cache rows": 3,
        "failed sign-ins": 1,
        "tokens": 1,
    }


def test_the_schedule_names_a_task_that_cleans(expired: ApiToken) -> None:
    app.loader.import_default_modules()
    task = app.tasks[app.conf.beat_schedule["cleanup"]["task"]]
    task()
    assert cleanup.due() == NOTHING


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


def age(table: str, column: str, days: int) -> None:
    """Move every row of a table so many days into the past, as only the owner can."""
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"UPDATE {table} SET {column} = {column} - make_interval(days => %s)", [days])
        cursor.execute("SET session_replication_role = origin")


def post_and_send() -> None:
    outbox.post("account/email/unknown_account", "anna@example.org", {})
    delivered()


def test_sent_mails_go_after_their_days_and_waiting_ones_stay(db: None, settings: Settings) -> None:
    settings.MAIL_DAYS = 10
    post_and_send()
    outbox.post("account/email/unknown_account", "anna@example.org", {})
    age("accounts_mail", "created_at", 9)
    assert (cleanup.due()["emails"], cleanup.clean()["emails"]) == (0, 0)
    age("accounts_mail", "created_at", 1)
    assert (cleanup.due()["emails"], cleanup.clean()["emails"]) == (1, 1)
    assert Mail.objects.get().sent_at is None


def test_files_go_after_a_week_and_jobs_of_people_after_their_days(anna: User, settings: Settings) -> None:
    settings.JOB_DAYS = 20
    ended = {"kind": "any", "state": State.DONE, "finished_at": Now()}
    own, shared = Job.objects.create(owner=anna, **ended), Job.objects.create(**ended)
    running = Job.objects.create(owner=anna, kind="any")
    JobFile.objects.create(job=own, name="a", media_type="text/plain", content=b"a")
    age("accounts_jobfile", "created_at", 6)
    assert cleanup.clean()["files"] == 0
    age("accounts_jobfile", "created_at", 1)
    assert (cleanup.due()["files"], cleanup.clean()["files"]) == (1, 1)
    age("accounts_job", "finished_at", 19)
    assert cleanup.clean()["jobs"] == 0
    age("accounts_job", "finished_at", 1)
    assert (cleanup.due()["jobs"], cleanup.clean()["jobs"]) == (1, 1)
    assert set(Job.objects.values_list("pk", flat=True)) == {shared.pk, running.pk}


def test_answers_that_came_too_late_go_after_their_days(
    anna: User, form: Form, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "BATCH", 2)
    settings.REFUSED_ANSWER_DAYS = 100
    attempt_id = start(anna, form).attempt_id
    for seq in range(5):
        RefusedAnswer.objects.create(
            attempt_id=attempt_id,
            lease_no=1,
            seq=seq,
            position=1,
            selected=[],
            flagged=False,
            received_at=Now(),
            reason="late",
        )
    age("exams_refusedanswer", "received_at", 99)
    assert cleanup.clean() == NOTHING
    age("exams_refusedanswer", "received_at", 1)
    assert cleanup.due() == NOTHING | {"refused answers": 5}
    assert cleanup.clean() == NOTHING | {"refused answers": 5}
    assert not RefusedAnswer.objects.exists()


def test_the_schedule_erases_who_asked_for_it(anna: User) -> None:
    erasure.request_erasure(anna, anna.email, "en")
    ErasureRequest.objects.update(due_at=Now())
    app.loader.import_default_modules()
    app.tasks[app.conf.beat_schedule["erase"]["task"]]()
    assert not User.objects.exists()


def test_the_command_erases_too(anna: User) -> None:
    erasure.request_erasure(anna, anna.email, "en")
    ErasureRequest.objects.update(due_at=Now())
    assert "erased" not in run("--dry-run")
    assert User.objects.exists()
    assert run().endswith("erased 1 people\n")
    assert not User.objects.exists()
