"""The free sample has a place in the database: ten item versions of its own for each certification."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exams", "0010_question_of_its_own")]

    operations = [
        migrations.CreateModel(
            "SampleItem",
            [
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "certification",
                    models.ForeignKey(
                        on_delete=models.PROTECT, related_name="sample", to="exams.certification"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=models.PROTECT, related_name="sample_items", to="exams.itemversion"
                    ),
                ),
            ],
            options={
                "ordering": ["certification", "position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("certification", "position"), name="sample_position_once"
                    ),
                    models.UniqueConstraint(fields=("certification", "version"), name="sample_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1)), name="sample_position_from_1"
                    ),
                ],
            },
        ),
    ]
