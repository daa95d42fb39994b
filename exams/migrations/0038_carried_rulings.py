"""Rulings that were carried over to the next version, and those that a reviewer lifted for a draft."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("exams", "0037_images")]

    operations = [
        migrations.AddField(
            model_name="keyruling",
            name="carried_from",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="carried",
                to="exams.keyruling",
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="lifted_ruling",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                help_text="the ruling that a reviewer let this draft not follow",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="exams.keyruling",
            ),
        ),
    ]
