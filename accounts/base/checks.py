"""Checks of the database at start: without them no promise about answers, scores or money holds."""

from collections.abc import Sequence
from typing import Any, Final

from django.core.checks import CheckMessage, Error
from django.db import OperationalError, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accounts.base import tables

# As text: PostgreSQL's own catalog has no models. "A" fires always, "O" in every session that is not a
# replica.
MISSING_SQL: Final = """
SELECT wanted.name, wanted.relation FROM unnest(%s, %s) AS wanted(name, relation)
WHERE to_regclass(wanted.relation) IS NOT NULL AND NOT EXISTS (
  SELECT FROM pg_trigger
  WHERE tgname = wanted.name AND tgrelid = to_regclass(wanted.relation) AND tgenabled IN ('O', 'A')
) ORDER BY 2, 1
"""


def triggers() -> list[tuple[str, str]]:
    """Return (trigger, table) for every trigger that the classes of the tables ask for."""
    return [(name, table) for table, declared in tables.declared().items() for name in declared.triggers]


def setting(name: str, alias: str = "default") -> str:
    """Return a setting of PostgreSQL for this connection."""
    with connections[alias].cursor() as cursor:
        # As text, for the ORM selects from tables only.
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def durable(alias: str = "default") -> bool:
    """Say whether a commit of this connection waits until it is on disk."""
    return setting("synchronous_commit", alias) != "off"


def missing_triggers(alias: str = "default") -> list[str]:
    """Return the triggers that are absent or disabled, as `table.trigger`."""
    names, relations = zip(*triggers(), strict=True)
    with connections[alias].cursor() as cursor:
        cursor.execute(MISSING_SQL, [list(names), list(relations)])
        return [f"{table}.{name}" for name, table in cursor.fetchall()]


def left_out(alias: str = "default") -> list[str]:
    """Return what a database between two versions lacks of the migrations that have been put together since.

    Their files are gone, so nothing here can apply them, and Django would pass over the app without a word.
    """
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    on_disk = MigrationLoader(None).disk_migrations
    gone = [{key for key in migration.replaces if key not in on_disk} for migration in on_disk.values()]
    partly = [replaced for replaced in gone if not replaced.isdisjoint(applied)]
    return sorted(f"{app}.{name}" for replaced in partly for app, name in replaced.difference(applied))


def waiting_migrations(alias: str = "default") -> int:
    """Return how many migrations are not applied, those included that only an earlier version can apply."""
    executor = MigrationExecutor(connections[alias])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes())) + len(left_out(alias))


def problems(alias: str = "default") -> list[CheckMessage]:
    """Return what is wrong with the database. Raises OperationalError when no server answers."""
    messages: list[CheckMessage] = []
    if not durable(alias):
        messages.append(
            Error(
                "PostgreSQL may forget what it acknowledged: synchronous_commit is off.",
                hint="Set synchronous_commit = on for this database.",
                id="accounts.E001",
            )
        )
    if lacking := left_out(alias):
        messages.append(
            Error(
                f"This database stands between two earlier versions: {lacking[0]} has not been applied.",
                hint="First run `migrate` of the last commit before version 1.0.0, as docs/operations.md says"
                ' under "Upgrade from before 1.0.0".',
                id="accounts.E003",
            )
        )
    # Before all migrations are applied, the triggers of the newest code cannot be there.
    if (missing := missing_triggers(alias)) and not waiting_migrations(alias):
        messages.append(
            Error(
                f"Triggers that protect answers, scores or questions are missing: {', '.join(missing)}.",
                hint="Enable them with ALTER TABLE ... ENABLE TRIGGER, or restore them from the migrations.",
                id="accounts.E002",
            )
        )
    return messages


def check_database(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:  # noqa: ANN401
    """Refuse a database that may forget a commit, or that lets history be changed.

    Runs with `check --database default` and before `migrate`; says nothing when no server answers.
    """
    try:
        return [message for alias in databases or () for message in problems(alias)]
    except OperationalError:
        return []
