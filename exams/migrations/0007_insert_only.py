"""One trigger for every insert-only table: all columns stay, only an actor may become NULL.

The triggers before let an actor be exchanged for another one.
"""

from django.db import migrations

from accounts.base import tables

BEFORE = {
    "exams_paper": ("freeze_paper", "UPDATE OR DELETE"),
    "exams_answerevent": ("freeze_answer_event", "UPDATE OR DELETE"),
    "exams_refusedanswer": ("freeze_refused_answer", "UPDATE OR DELETE"),
    "exams_score": (
        "freeze_score",
        "DELETE OR UPDATE OF attempt_id, revision, scoring_revision, raw, scaled, passed, result, reason, created_at",
    ),
}


def replace(table, *clears):
    """Replace the trigger of a table."""
    name, events = BEFORE[table]
    return [
        tables.protect(table, tables.insert_only(*clears)),
        migrations.RunSQL(
            f"DROP TRIGGER {name} ON {table}",
            f"CREATE TRIGGER {name} BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION passline_refuse()",
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_insert_only"), ("exams", "0006_attempts")]

    operations = [
        *replace("exams_paper"),
        *replace("exams_answerevent"),
        *replace("exams_refusedanswer"),
        *replace("exams_score", "actor_id"),
    ]
