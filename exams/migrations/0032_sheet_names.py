"""What the admin calls editions of cheat sheets."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("exams", "0031_import_names")]

    operations = [
        migrations.AlterModelOptions(
            name="sheetedition",
            options={
                "ordering": ["certification", "language", "number"],
                "verbose_name": "cheat sheet",
                "verbose_name_plural": "cheat sheets",
            },
        ),
    ]
