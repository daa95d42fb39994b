"""Checks of questions, watched names, the tasks that follow from them, and who looks after a question."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from accounts.base import tables


class Migration(migrations.Migration):

    dependencies = [
        ('exams', '0033_certification_is_listed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ItemAssignment',
            fields=[
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='assignment', serialize=False, to='exams.item')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='WatchedName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='old name')),
                ('successor', models.CharField(blank=True, max_length=120, verbose_name='new name')),
                ('since', models.DateField(verbose_name='since')),
                ('page', models.CharField(max_length=500, verbose_name='source page')),
                ('is_watched', models.BooleanField(default=True, verbose_name='watched')),
                ('is_ours', models.BooleanField(help_text='written here last, and not by files')),
                ('revision', models.PositiveIntegerField(default=1)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='watched_names', to='exams.certification', verbose_name='certification')),
            ],
            options={
                'verbose_name': 'watched name',
                'verbose_name_plural': 'watched names',
                'ordering': ['certification', 'name'],
            },
        ),
        migrations.CreateModel(
            name='ReviewTask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('watched_revision', models.PositiveIntegerField(help_text='what was known of the name')),
                ('text_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text='the texts that mention it')),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('closed_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('checked', 'checked, the name may stay'), ('gone', 'the name is gone'), ('let go', 'the name is no longer watched')], max_length=10)),
                ('closed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='exams.item')),
                ('watched', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='exams.watchedname')),
            ],
            options={
                'ordering': ['-opened_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ItemCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(blank=True, help_text='of the translation that was compared; empty: the facts', max_length=12)),
                ('checked_on', models.DateField()),
                ('pages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=500), default=list, help_text='what was read for it')),
                ('note', models.CharField(blank=True, max_length=500)),
                ('source', models.CharField(choices=[('factcheck', 'fact check of the files'), ('files', 'content files'), ('person', 'a person')], max_length=10)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('item', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='exams.item')),
                ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('text', models.ForeignKey(db_index=False, help_text='the original as it was read', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.itemtext')),
            ],
            options={
                'verbose_name': 'check of a question',
                'verbose_name_plural': 'checks of questions',
                'ordering': ['-checked_on', '-pk'],
                'indexes': [models.Index(fields=['item', 'language', '-checked_on', '-id'], name='item_check_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('source__in', ['factcheck', 'files', 'person'])), name='item_check_source_known')],
            },
        ),
        migrations.AddConstraint(
            model_name='watchedname',
            constraint=models.UniqueConstraint(fields=('certification', 'name'), name='watched_name_once'),
        ),
        migrations.AddConstraint(
            model_name='watchedname',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.GreaterThan(django.db.models.functions.text.Length('name'), 0), name='watched_name_given'),
        ),
        migrations.AddConstraint(
            model_name='watchedname',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.GreaterThan(django.db.models.functions.text.Length('page'), 0), name='watched_name_page'),
        ),
        migrations.AddConstraint(
            model_name='reviewtask',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('item', 'watched'), name='review_task_open_once'),
        ),
        migrations.AddConstraint(
            model_name='reviewtask',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('outcome', '')), models.Q(('closed_at__isnull', False), ('outcome__in', ['checked', 'gone', 'let go'])), _connector='OR'), name='review_task_closed_with_outcome'),
        ),
        tables.protect('exams_itemcheck', tables.insert_only('person_id')),
    ]
