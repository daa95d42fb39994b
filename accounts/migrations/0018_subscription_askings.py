"""When a subscription was last asked for, also where nothing was new."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0017_support_second_factor'),
    ]

    operations = [
        migrations.CreateModel(
            name='SubscriptionAsking',
            fields=[
                ('subscription', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='asking', serialize=False, to='accounts.subscription')),
                ('asked_at', models.DateTimeField()),
            ],
        ),
    ]
