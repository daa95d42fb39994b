"""Days on which the states of a certification begin, in place of its status."""

import django.contrib.postgres.fields
from django.db import migrations, models

# The version before reads the column and writes to it; what this one adds has it from the database.
STATUS = """
ALTER TABLE exams_certification ALTER COLUMN status SET DEFAULT 'active';
UPDATE exams_certification SET planned_facts = '{live_on}' WHERE status = 'announced';
"""
BACK = "ALTER TABLE exams_certification ALTER COLUMN status DROP DEFAULT;"


class Migration(migrations.Migration):

    dependencies = [('exams', '0001_squashed_0041_profile')]

    operations = [
        migrations.AddField(
            model_name='certification',
            name='beta_on',
            field=models.DateField(blank=True, help_text='the first day of the beta', null=True),
        ),
        migrations.AddField(
            model_name='certification',
            name='live_on',
            field=models.DateField(blank=True, help_text='the first day of the exam', null=True),
        ),
        migrations.AddField(
            model_name='certification',
            name='planned_facts',
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                db_default=[],
                default=list,
                help_text='names of facts that the vendor has not confirmed (exams.content.states)',
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name='certification',
            name='retired_on',
            field=models.DateField(blank=True, help_text='the last day of the exam', null=True),
        ),
        migrations.RunSQL(
            STATUS,
            BACK,
            state_operations=[migrations.RemoveField(model_name='certification', name='status')],
        ),
    ]
