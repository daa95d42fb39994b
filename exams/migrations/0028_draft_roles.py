"""What roles may do with drafts, and trigrams, by which near-duplicates are found."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):

<<<<<<<< HEAD:exams/migrations/0028_draft_roles.py
    dependencies = [("exams", "0027_import_files")]
========
    dependencies = [("exams", "0026_catalogue_log")]
>>>>>>>> w/editor:exams/migrations/0027_draft_roles.py

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
