"""What moved up, what was asked when, what can no longer be paid, and who may come back."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_support'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='entitlement',
            name='entitlement_once',
        ),
        migrations.AddField(
            model_name='entitlement',
            name='replaces',
            field=models.OneToOneField(help_text='what it was before it moved up', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='accounts.entitlement'),
        ),
        migrations.AddField(
            model_name='erasurerequest',
            name='reopens',
            field=models.BooleanField(db_default=True, help_text='whether taking it back opens the account: not when staff closed it'),
        ),
        migrations.AddField(
            model_name='subscriptionstate',
            name='asked_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='when the gateway was asked: what was asked for earlier is no news'),
        ),
        migrations.AddField(
            model_name='testcardsession',
            name='closed_at',
            field=models.DateTimeField(help_text='from then on it cannot be paid', null=True),
        ),
        migrations.AddConstraint(
            model_name='entitlement',
            constraint=models.UniqueConstraint(condition=models.Q(('replaces', None)), fields=('source', 'source_id', 'code'), name='entitlement_once'),
        ),
    ]
