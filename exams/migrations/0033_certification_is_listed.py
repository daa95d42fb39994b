"""A certification is on the site from when somebody puts it there; those that are known stay on it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("exams", "0032_sheet_names")]

    operations = [
        migrations.AddField(
            model_name="certification",
            name="is_listed",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="whether the site shows it; until then only staff who work on content find it",
            ),
        ),
    ]
