"""Answers that came too late may be deleted once they are old; they still never change."""

from django.db import migrations

from accounts.base import tables

TABLE = "exams_refusedanswer"


def protect(before, after):
    """Exchange the trigger of the table."""
    return [
        migrations.RunSQL(
            f"DROP TRIGGER {tables.INSERT_ONLY_TRIGGER} ON {TABLE}",
            f"CREATE TRIGGER {tables.INSERT_ONLY_TRIGGER} BEFORE {before} ON {TABLE}"
            " FOR EACH ROW EXECUTE FUNCTION passline_insert_only()",
        ),
        tables.protect(TABLE, after),
    ]


class Migration(migrations.Migration):
    dependencies = [("exams", "0019_search")]

    operations = protect("UPDATE OR DELETE", tables.LOG)
