from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0021_names")]

    operations = [
        migrations.AddField("mail", "claim", models.UUIDField(blank=True, null=True)),
    ]
