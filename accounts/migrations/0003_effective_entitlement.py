"""Names in code of the view of entitlements. Its columns stay, and with them the version before."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('accounts', '0002_active_entitlement')]

    operations = [
        migrations.RenameModel('ActiveEntitlement', 'EffectiveEntitlement'),
        migrations.RenameField('EffectiveEntitlement', 'is_cut', 'ended_early'),
        migrations.AlterField(
            model_name='effectiveentitlement',
            name='ended_early',
            field=models.BooleanField(db_column='is_cut'),
        ),
        migrations.RenameField('EffectiveEntitlement', 'read_at', 'as_of'),
        migrations.AlterField(
            model_name='effectiveentitlement',
            name='as_of',
            field=models.DateTimeField(db_column='read_at', help_text='by the clock of the database'),
        ),
        migrations.AlterField(
            model_name='voucherbatch',
            name='uses',
            field=models.PositiveSmallIntegerField(help_text='redemptions of each voucher, by different people'),
        ),
        migrations.AlterField(
            model_name='voucher',
            name='hint',
            field=models.CharField(help_text="the last characters of the voucher's code", max_length=4),
        ),
    ]
