"""What staff look for on their start page: what was started and scored lately."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exams', '0020_refused_answers'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(fields=['-started_at'], name='attempt_newest'),
        ),
        migrations.AddIndex(
            model_name='score',
            index=django.contrib.postgres.indexes.BrinIndex(fields=['created_at'], name='score_newest'),
        ),
    ]
