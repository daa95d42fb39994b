"""Domains and tasks that left the blueprint stay for what refers to them, and are marked as not current."""

from django.db import migrations, models

HELP = "whether the blueprint has it; what left it stays for what refers to it"


class Migration(migrations.Migration):
    dependencies = [("exams", "0004_planned_content")]

    operations = [
        migrations.AddField(model, "is_current", models.BooleanField(default=True, help_text=HELP))
        for model in ("domain", "taskstatement")
    ]
