"""Tokens that open one part of the API alone."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounts", "0018_subscription_askings")]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="scope",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The one part of the API that it opens; empty for that of candidates.",
                max_length=20,
                verbose_name="scope",
            ),
        ),
    ]
