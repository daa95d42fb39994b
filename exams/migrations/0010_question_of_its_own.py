"""The question is a field of its own. Older texts have none: their stem ends with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exams", "0009_version_before")]

    operations = [
        # With a default of the database, for the image before writes rows without it.
        migrations.AddField(
            "itemtext",
            "ask",
            models.TextField(blank=True, default="", db_default="", help_text="the question, as written"),
        ),
        migrations.AlterField(
            "itemtext",
            "stem",
            models.TextField(help_text="as written, Markdown; without ask its last sentence is the question"),
        ),
    ]
