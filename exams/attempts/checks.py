"""Checks of the database at start: without them no promise about answers holds (G1, G4)."""

from collections.abc import Sequence
from typing import Any, Final

from django.core.checks import CheckMessage, Error
from django.db import OperationalError, connections
from django.db.migrations.recorder import MigrationRecorder

# Every trigger of the freeze with its table, as the migrations create them.
TRIGGERS: Final = {
    "freeze_item_version": "exams_itemversion",
    "freeze_option": "exams_option",
    "freeze_item_text": "exams_itemtext",
    "freeze_option_text": "exams_optiontext",
    "freeze_form_edition": "exams_formedition",
    "freeze_form_item": "exams_formitem",
    "freeze_paper": "exams_paper",
    "freeze_answer_event": "exams_answerevent",
    "freeze_refused_answer": "exams_refusedanswer",
    "freeze_score": "exams_score",
    "freeze_attempt_audit": "exams_attemptaudit",
    "guard_attempt": "exams_attempt",
    "keep_attempt": "exams_attempt",
}
# "A" fires always, "O" in every session that is not a replica.
MISSING_SQL: Final = """
SELECT wanted.name, wanted.relation FROM unnest(%s, %s) AS wanted(name, relation)
WHERE to_regclass(wanted.relation) IS NOT NULL AND NOT EXISTS (
  SELECT FROM pg_trigger
  WHERE tgname = wanted.name AND tgrelid = to_regclass(wanted.relation) AND tgenabled IN ('O', 'A')
) ORDER BY 1
"""


def durable(alias: str = "default") -> bool:
    """Say whether a commit of this connection waits until it is on disk."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_setting('synchronous_commit') <> 'off'")
        return bool(cursor.fetchone()[0])


def missing_triggers(alias: str = "default") -> list[str]:
    """Return the triggers of the freeze that are absent or disabled, as `table.trigger`."""
    with connections[alias].cursor() as cursor:
        cursor.execute(MISSING_SQL, [list(TRIGGERS), list(TRIGGERS.values())])
        return [f"{table}.{name}" for name, table in cursor.fetchall()]


def _frozen_by_migration(alias: str) -> bool:
    recorder = MigrationRecorder(connections[alias])
    return recorder.has_table() and ("exams", "0002_freeze") in recorder.applied_migrations()


def problems(alias: str = "default") -> list[CheckMessage]:
    """Return what is wrong with the database. Raises OperationalError when no server answers."""
    found: list[CheckMessage] = []
    if not durable(alias):
        found.append(
            Error(
                "PostgreSQL may forget what it acknowledged: synchronous_commit is off.",
                hint="Set synchronous_commit = on for this database.",
                id="exams.E001",
            )
        )
    if _frozen_by_migration(alias) and (missing := missing_triggers(alias)):
        found.append(
            Error(
                f"Triggers that protect answers, scores or questions are missing: {', '.join(missing)}.",
                hint="Enable them with ALTER TABLE ... ENABLE TRIGGER, or restore them from the migrations.",
                id="exams.E002",
            )
        )
    return found


def check_database(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:  # noqa: ANN401
    """Refuse a database that may forget a commit, or that lets history be changed.

    Runs with `check --database default` and before `migrate`; says nothing when no server answers.
    """
    try:
        return [message for alias in databases or () for message in problems(alias)]
    except OperationalError:
        return []
