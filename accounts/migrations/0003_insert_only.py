"""The function behind the trigger of every insert-only table, here and in the packages above."""

from django.db import migrations

from accounts.base.tables import INSERT_ONLY_FUNCTION


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_normalize_domains")]

    operations = [migrations.RunSQL(INSERT_ONLY_FUNCTION, "DROP FUNCTION passline_insert_only()")]
