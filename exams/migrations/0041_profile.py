from django.db import migrations, models

import exams.bank.models


class Migration(migrations.Migration):

    dependencies = [
        ('exams', '0040_names'),
    ]

    operations = [
        migrations.AddField(
            model_name='certification',
            name='profile',
            field=models.JSONField(blank=True, db_default={}, default=dict, help_text='what is asked of its questions, where that is not the usual (exams.kinds.profile)'),
        ),
        migrations.AlterField(
            model_name='itemversion',
            name='kind',
            field=models.CharField(choices=exams.bank.models.kind_choices, max_length=12),
        ),
    ]
