"""How much is planned is kept by the name of a part of the content; the vendor's fee is called what it is."""

from django.db import migrations, models


def gather(apps, schema_editor):
    """Keep the planned numbers of flashcards and of sections of the cheat sheet under their parts."""
    for certification in apps.get_model("exams", "Certification").objects.all():
        counts = {"flashcards": certification.planned_cards, "cheatsheet": certification.planned_sections}
        certification.planned = {name: count for name, count in counts.items() if count}
        certification.save(update_fields=["planned"])


def spread(apps, schema_editor):
    """Put the numbers back into their columns."""
    for certification in apps.get_model("exams", "Certification").objects.all():
        certification.planned_cards = certification.planned.get("flashcards", 0)
        certification.planned_sections = certification.planned.get("cheatsheet", 0)
        certification.save(update_fields=["planned_cards", "planned_sections"])


class Migration(migrations.Migration):
    dependencies = [("exams", "0003_authors")]

    operations = [
        migrations.RenameField("certification", "price_usd", "exam_fee_usd"),
        migrations.AlterField(
            "certification",
            "exam_fee_usd",
            models.PositiveSmallIntegerField(help_text="what the vendor asks for the real exam"),
        ),
        migrations.AddField(
            "certification",
            "planned",
            models.JSONField(
                blank=True,
                default=dict,
                help_text="how much there will be, by the name of a part of the content",
            ),
        ),
        migrations.RunPython(gather, spread),
        migrations.RemoveField("certification", "planned_cards"),
        migrations.RemoveField("certification", "planned_sections"),
    ]
