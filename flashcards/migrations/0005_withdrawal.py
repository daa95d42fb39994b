"""A card that somebody withdrew or brought back says by which act, so that a load leaves it alone."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("exams", "0022_publication"),
        ("flashcards", "0004_publication"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="card",
            options={
                "ordering": ["position"],
                "verbose_name": "flashcard",
                "verbose_name_plural": "flashcards",
            },
        ),
        migrations.AddField(
            model_name="card",
            name="standing_log",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                help_text="the act that withdrew it or brought it back; NULL: files decide, or its owner",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="exams.publishlog",
            ),
        ),
    ]
