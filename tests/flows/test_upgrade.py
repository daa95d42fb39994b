"""What was written before version 1.0.0 goes on as it is, and one that stands in between is told what to do.

The file beside is a database as the last commit before left it, after all of its migrations.
"""

import gzip
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from accounts.base import checks
from config import backups, grants, health
from tests import roles, template
from tools.devstack.postgres import find_programs

pytestmark = pytest.mark.django_db

BEFORE = Path(__file__).with_name("before_1_0_0.sql.gz")
# Words that each dump has anew, and what every database has.
NOT_RESTORED = ("\\restrict", "\\unrestrict", "CREATE SCHEMA public")
SENTENCE = "This database stands between two earlier versions: exams.0041_profile has not been applied."


@dataclass(frozen=True)
class Upgrade:
    """A database before and after it was migrated, as `pg_dump` writes it, and the tables of a new one."""

    waiting: int
    rows_before: list[str]
    rows: list[str]
    tables: list[str]
    new_tables: list[str]


def _dumped(*options: str) -> list[str]:
    """Return the database that this process is connected to, as a script that fills another one."""
    done = subprocess.run(
        [str(find_programs().folder / "pg_dump"), "--no-owner", "--no-privileges", "--no-comments", *options],
        env=backups.variables(connection.settings_dict),
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in done.stdout.splitlines() if not line.startswith(NOT_RESTORED)]


def _rows() -> list[str]:
    # Not what Django notes of migrations and models: a later version may have more of either.
    noted = [
        f"--exclude-table={name}*" for name in ("django_migrations", "django_content_type", "auth_permission")
    ]
    # A later table has none of its own, but a heading; a later sequence has begun.
    later = ("--", "SELECT pg_catalog.setval('public.passline_order_number'")
    return [
        line for line in _dumped("--data-only", "--inserts", *noted) if line and not line.startswith(later)
    ]


def _tables() -> list[str]:
    # The table of the cache is made by a command, after the migrations.
    return _dumped("--schema-only", "--schema=public", "--extension=pg_trgm", "--exclude-table=cache")


def _administer(statement: str) -> None:
    with template.connected_to("postgres"), roles.logged_in_as_owner(), connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def _restored(script: str) -> Iterator[None]:
    """Work in a new database that is made by a script."""
    name = f"restored_{uuid4().hex[:8]}"
    _administer(f"CREATE DATABASE {name}")
    try:
        with template.connected_to(name):
            with roles.logged_in_as_owner(), connection.cursor() as cursor:
                cursor.execute(script)
            yield
    finally:
        _administer(f"DROP DATABASE {name} WITH (FORCE)")


def _new_tables() -> list[str]:
    """Return the tables of a new database, restored as well: PostgreSQL then words some expressions anew."""
    with template.connected_to(template.ready()), roles.logged_in_as_owner():
        script = "\n".join(_tables())
    with _restored(script), roles.logged_in_as_owner():
        return _tables()


def _upgraded() -> Upgrade:
    with roles.logged_in_as_owner():
        waiting, before = checks.waiting_migrations(), _rows()
        call_command("migrate", verbosity=0, skip_checks=False)
        grants.apply()
        after, tables = _rows(), _tables()
    return Upgrade(waiting, before, after, tables, _new_tables())


@pytest.fixture(scope="module", autouse=True)
def upgrade(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Upgrade]:
    """Work in a database of its own that was there before."""
    with django_db_blocker.unblock(), _restored(gzip.decompress(BEFORE.read_bytes()).decode()):
        yield _upgraded()


def test_only_what_came_later_is_left_to_migrate_and_every_row_stays_as_it_was(upgrade: Upgrade) -> None:
    ours = ("accounts", "exams", "flashcards")
    migrations = MigrationLoader(None).disk_migrations.items()
    later = [key for key, migration in migrations if key[0] in ours and not migration.replaces]
    assert upgrade.waiting == len(later)
    # A later table has a sequence and no row; a later column stands behind those that were there.
    now, before = (
        [line for line in lines if line.startswith("INSERT")] for lines in (upgrade.rows, upgrade.rows_before)
    )
    assert set(upgrade.rows_before) - set(before) <= set(upgrade.rows)
    for row, was in zip(now, before, strict=True):
        assert row == was or row.startswith(f"{was.removesuffix(');')}, ")
    for table in ("accounts_entitlement", "exams_answerevent", "exams_score", "flashcards_review"):
        assert any(line.startswith(f"INSERT INTO public.{table} ") for line in upgrade.rows)


def test_its_tables_triggers_and_functions_are_those_of_a_new_database(upgrade: Upgrade) -> None:
    assert upgrade.tables == upgrade.new_tables
    assert sum(line.startswith("CREATE TRIGGER ") for line in upgrade.tables) >= len(checks.triggers())


def test_its_rights_are_those_of_a_new_database_and_the_start_check_finds_nothing() -> None:
    assert grants.current_grants() == grants.declared_grants()
    assert checks.check_database(["default"]) == []


@pytest.mark.parametrize("last", ["('exams', '0041_profile')", "('flashcards', '0005_withdrawal')"])
def test_one_in_between_is_sent_to_the_commit_before(
    client: Client, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    monkeypatch.setattr(health, "_migrated", False)
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM django_migrations WHERE (app, name) IN ({last})")
    app, name = last.strip("()").replace("'", "").split(", ")
    with pytest.raises(SystemCheckError) as refused:
        call_command("migrate", verbosity=0, skip_checks=False)
    assert SENTENCE.replace("exams.0041_profile", f"{app}.{name}") in str(refused.value)
    assert "docs/operations.md" in str(refused.value)
    assert "migrations are waiting" in client.get("/health/ready").json()["reasons"]
