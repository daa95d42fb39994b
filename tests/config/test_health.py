"""Health: what a supervisor is told, and what a database check refuses."""

import pytest
from django.db import OperationalError, connection
from django.test import Client

from accounts.base import checks
from accounts.users.models import User
from config import health
from exams.attempts import lifecycle, metrics
from tests import factories, roles
from tests.exams.attempts.helpers import past_deadline


def test_a_live_process_answers_without_the_database(client: Client) -> None:
    reply = client.get("/health/live")  # without the db fixture any statement would raise
    assert (reply.status_code, reply.json()) == (200, {"status": "live"})
    assert "no-store" in reply["Cache-Control"]


@pytest.mark.django_db
def test_a_ready_process_tells_how_long_candidates_wait(client: Client) -> None:
    reply = client.get("/health/ready")
    assert reply.status_code == 200
    assert reply.json() == {
        "status": "ready",
        "reasons": [],
        "oldest_unscored_s": 0.0,
        "oldest_expired_unfinished_s": 0.0,
        "quarantined": 0,
    }


def test_an_overdue_attempt_and_an_unscored_one_are_told(
    client: Client, anna: User, bela: User, form: factories.Form
) -> None:
    overdue = factories.start(anna, form).attempt_id
    past_deadline(overdue, 130)
    ended = factories.start(bela, form).attempt_id
    past_deadline(ended, 95)
    lifecycle.expire(ended)
    facts = client.get("/health/ready").json()
    assert 129 < facts["oldest_expired_unfinished_s"] < 140
    assert 94 < facts["oldest_unscored_s"] < 105
    backlog = metrics.read_backlog()
    assert (backlog.running, backlog.unscored, backlog.quarantined) == (1, 1, 0)


@pytest.mark.django_db
def test_waiting_migrations_make_it_unready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'exams'")
    reply = client.get("/health/ready")
    assert reply.status_code == 503
    assert "migrations are waiting" in reply.json()["reasons"]
    assert reply["Retry-After"] == "5"


@pytest.mark.django_db
def test_a_forgetful_database_makes_it_unready_and_fails_the_check(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert client.get("/health/ready").json()["reasons"] == ["synchronous_commit is off"]
    assert [one.id for one in checks.check_database(["default"])] == ["accounts.E001"]


@pytest.mark.django_db
def test_an_unreachable_database_makes_it_unready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> bool:
        raise OperationalError("no server")

    monkeypatch.setattr(checks, "durable", fail)
    reply = client.get("/health/ready")
    assert (reply.status_code, reply.json()["reasons"]) == (503, ["the database cannot be reached"])


@pytest.mark.django_db
def test_after_migrate_every_freeze_trigger_is_enabled() -> None:
    assert checks.missing_triggers() == []
    assert checks.check_database(["default"]) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("trigger", "table"), sorted(checks.triggers()))
def test_a_disabled_trigger_is_found(trigger: str, table: str) -> None:
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    assert checks.missing_triggers() == [f"{table}.{trigger}"]
    assert [one.id for one in checks.check_database(["default"])] == ["accounts.E002"]


@pytest.mark.django_db
def test_the_check_knows_every_trigger_of_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE proname LIKE 'passline%' AND NOT tgisinternal AND relkind <> 'v'"
        )
        assert sorted(cursor.fetchall()) == sorted(checks.triggers())
