"""What waited for an entitlement that ended early begins earlier, as a row of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_reminders'),
    ]

    operations = [
        migrations.AddField(
            model_name='entitlement',
            name='moved',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='how often it was moved forward, since what it waited for ended early'),
        ),
        migrations.RemoveConstraint(
            model_name='entitlement',
            name='entitlement_once',
        ),
        migrations.AddConstraint(
            model_name='entitlement',
            constraint=models.UniqueConstraint(fields=('source', 'source_id', 'code', 'moved'), name='entitlement_once'),
        ),
    ]
