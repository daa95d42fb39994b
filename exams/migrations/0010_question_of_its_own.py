"""The question is a field of its own, and a text has its figures. Older texts have neither."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exams", "0009_version_before")]

    operations = [
        # With defaults of the database, for the image before writes rows without them.
        migrations.AddField(
            "itemtext",
            "ask",
            models.TextField(blank=True, default="", db_default="", help_text="the question, as written"),
        ),
        migrations.AddField(
            "itemtext",
            "figures",
            models.JSONField(default=dict, db_default={}, help_text="{name: SVG} of those that it shows"),
        ),
        migrations.AlterField(
            "itemtext",
            "stem",
            models.TextField(help_text="as written, Markdown; without ask its last sentence is the question"),
        ),
    ]
