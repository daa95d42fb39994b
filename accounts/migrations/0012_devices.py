"""When somebody last proved in a browser who they are, and since when they are asked to."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_reminders'),
    ]

    operations = [
        migrations.AddField(
            model_name='browsersession',
            name='confirmed_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name='browsersession',
            name='asked_at',
            field=models.DateTimeField(null=True),
        ),
        # Who is signed in already proved it when they signed in.
        migrations.RunSQL(
            'UPDATE accounts_browsersession SET confirmed_at = first_seen_at', migrations.RunSQL.noop
        ),
    ]
