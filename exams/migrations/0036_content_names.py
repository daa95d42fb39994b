"""What people call questions, exams, rulings and reports in the admin."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("exams", "0035_bank_search")]

    operations = [
        migrations.AlterModelOptions(
            name="item",
            options={"ordering": ["code"], "verbose_name": "question", "verbose_name_plural": "questions"},
        ),
        migrations.AlterModelOptions(
            name="itemversion",
            options={
                "ordering": ["item", "number"],
                "verbose_name": "question version",
                "verbose_name_plural": "question versions",
            },
        ),
        migrations.AlterModelOptions(
            name="keyruling",
            options={"ordering": ["-id"], "verbose_name": "ruling", "verbose_name_plural": "rulings"},
        ),
        migrations.AlterModelOptions(
            name="examform",
            options={
                "ordering": ["certification", "number"],
                "verbose_name": "exam",
                "verbose_name_plural": "exams",
            },
        ),
        migrations.AlterModelOptions(
            name="formedition",
            options={
                "ordering": ["form", "number"],
                "verbose_name": "exam edition",
                "verbose_name_plural": "exam editions",
            },
        ),
        migrations.AlterModelOptions(
            name="paper",
            options={"verbose_name": "exam paper", "verbose_name_plural": "exam papers"},
        ),
        migrations.AlterModelOptions(
            name="problemreport",
            options={
                "ordering": ["-created_at", "-pk"],
                "verbose_name": "problem report",
                "verbose_name_plural": "problem reports",
            },
        ),
    ]
