"""Images that questions show, by their content."""

import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models

from accounts.base import tables


class Migration(migrations.Migration):

    dependencies = [("exams", "0036_content_names")]

    operations = [
        migrations.CreateModel(
            name="ItemImage",
            fields=[
                ("digest", models.CharField(help_text="SHA-256 of the content", max_length=64, primary_key=True, serialize=False)),
                ("media_type", models.CharField(max_length=12)),
                ("width", models.PositiveSmallIntegerField(help_text="pixels")),
                ("height", models.PositiveSmallIntegerField(help_text="pixels")),
                ("content", models.BinaryField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "image",
                "verbose_name_plural": "images",
                "constraints": [
                    models.UniqueConstraint(django.db.models.functions.text.Left("digest", 16), name="item_image_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            digest=models.Func(
                                models.Func("content", function="sha256", output_field=models.BinaryField()),
                                models.Value("hex"),
                                function="encode",
                                output_field=models.TextField(),
                            )
                        ),
                        name="item_image_by_content",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(media_type__in=("image/jpeg", "image/png", "image/webp")),
                        name="item_image_kind",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length("content"), 5_000_000
                        ),
                        name="item_image_size",
                    ),
                ],
            },
        ),
        tables.protect("exams_itemimage", tables.INSERT_ONLY),
    ]
