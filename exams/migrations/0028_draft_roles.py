"""What roles may do with drafts, and trigrams, by which near-duplicates are found."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("exams", "0027_import_files")]

    operations = [
        TrigramExtension(),
        migrations.AlterModelOptions(
            name="draft",
            options={
                "ordering": ["-saved_at", "-pk"],
                "permissions": [
                    ("write_draft", "Can write drafts"),
                    ("translate_draft", "Can write texts of drafts in other languages than the original"),
                    ("review_draft", "Can approve, send back and publish drafts"),
                ],
                "verbose_name": "draft",
                "verbose_name_plural": "drafts",
            },
        ),
    ]
