"""Who wrote facts and texts of a certification last."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exams', '0025_item_tags'),
    ]

    operations = [
        migrations.AddField(
            model_name='certification',
            name='log',
            field=models.ForeignKey(editable=False, help_text='who wrote facts, texts, domains and tasks last; NULL: before there was a log', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.publishlog'),
        ),
    ]
