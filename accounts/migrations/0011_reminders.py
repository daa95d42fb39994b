"""Whether somebody wants to be told that access ends, and whose ends soon."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_sessions'),
    ]

    operations = [
        migrations.AddField(
            model_name='profile',
            name='access_reminders',
            field=models.BooleanField(db_default=True, default=True, verbose_name='reminders before access ends'),
        ),
        migrations.AddIndex(
            model_name='entitlement',
            index=models.Index(fields=['ends_at'], name='entitlement_by_end'),
        ),
    ]
