"""What people call an uploaded file, and which comes first."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("exams", "0030_rulings")]

    operations = [
        migrations.AlterModelOptions(
            name="importfile",
            options={"ordering": ["-created_at"], "verbose_name": "import", "verbose_name_plural": "imports"},
        ),
    ]
