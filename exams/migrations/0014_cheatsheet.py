"""The cheat sheet is published: editions with their blocks, and the PDF made of each. All are insert-only."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models

from accounts.base import tables


class Migration(migrations.Migration):

    dependencies = [
        ('exams', '0012_no_retired_at'),
    ]

    operations = [
        migrations.CreateModel(
            name='SheetEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12)),
                ('number', models.PositiveIntegerField()),
                ('digest', models.CharField(help_text='SHA-256 of all blocks as they are written', max_length=64)),
                ('published_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='exams.certification')),
            ],
            options={
                'ordering': ['certification', 'language', 'number'],
            },
        ),
        migrations.CreateModel(
            name='SheetBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('section_number', models.PositiveSmallIntegerField()),
                ('section_title', models.CharField(max_length=200)),
                ('number', models.CharField(help_text='as in the file: 2.3', max_length=12)),
                ('title', models.CharField(max_length=200)),
                ('source', models.TextField(help_text='as written, Markdown')),
                ('html', models.TextField()),
                ('covers', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list)),
                ('edition', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='blocks', to='exams.sheetedition')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='SheetFile',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('content', models.BinaryField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='exams.sheetedition')),
            ],
        ),
        migrations.AddConstraint(
            model_name='sheetedition',
            constraint=models.UniqueConstraint(fields=('certification', 'language', 'number'), name='sheet_edition_number_once'),
        ),
        migrations.AddConstraint(
            model_name='sheetedition',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='sheet_edition_from_1'),
        ),
        migrations.AddIndex(
            model_name='sheetblock',
            index=django.contrib.postgres.indexes.GinIndex(fields=['covers'], name='sheet_block_covers'),
        ),
        migrations.AddConstraint(
            model_name='sheetblock',
            constraint=models.UniqueConstraint(fields=('edition', 'position'), name='sheet_block_position_once'),
        ),
        migrations.AddConstraint(
            model_name='sheetblock',
            constraint=models.UniqueConstraint(fields=('edition', 'number'), name='sheet_block_number_once'),
        ),
        migrations.AddConstraint(
            model_name='sheetblock',
            constraint=models.CheckConstraint(condition=models.Q(('position__gte', 1)), name='sheet_block_from_1'),
        ),
        migrations.AddConstraint(
            model_name='sheetfile',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('content'), 20971520), name='sheet_file_size'),
        ),
        *(tables.protect(table, tables.INSERT_ONLY) for table in ("exams_sheetedition", "exams_sheetblock", "exams_sheetfile")),
    ]
