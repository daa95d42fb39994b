"""By what authors file items, which of them ask alike, and where they were imported from."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exams', '0024_content_files'),
    ]

    operations = [
        migrations.AddField(
            model_name='item',
            name='source_id',
            field=models.CharField(blank=True, db_default='', help_text='as the system knows it that it was imported from', max_length=200),
        ),
        migrations.AddField(
            model_name='item',
            name='tags',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='item',
            name='twins',
            field=models.CharField(blank=True, db_default='', help_text='items of one name ask alike: one exam has one', max_length=40),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(condition=models.Q(('source_id', ''), _negated=True), fields=('certification', 'source_id'), name='item_source_once'),
        ),
    ]
