"""One email on mornings with work, for whoever chooses it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('accounts', '0003_effective_entitlement')]

    operations = [
        migrations.AddField(
            model_name='profile',
            name='study_reminders',
            field=models.BooleanField(db_default=False, default=False, verbose_name='emails on mornings with work'),
        ),
    ]
