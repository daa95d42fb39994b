"""Refunds whose money did not arrive."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from accounts.base import tables


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0015_sign_in_codes'),
    ]

    operations = [
        migrations.CreateModel(
            name='RefundFailure',
            fields=[
                ('refund', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='failure', serialize=False, to='accounts.refund')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        tables.protect("accounts_refundfailure", tables.INSERT_ONLY),
    ]
