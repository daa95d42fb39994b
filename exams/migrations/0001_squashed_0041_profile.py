"""The tables of exams as version 1.0.0 has them; what they refuse is in the SQL files beside."""

import uuid
from pathlib import Path

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

import exams.bank.models
from accounts.base import tables


def run_sql(name):
    """Return the step that runs a file of this folder."""
    return migrations.RunSQL(Path(__file__).with_name(name).read_text("utf-8"))


# Entry 1 stands for all that was published before there was a log: the default of the columns below.
FIRST_ENTRY = "SELECT setval(pg_get_serial_sequence('exams_publishlog', 'id'), 1)"
# Made by hand: Django would drop the default.
LOG_COLUMN = """
ALTER TABLE {table} ADD COLUMN log_id bigint NOT NULL DEFAULT 1;
ALTER TABLE {table} ADD CONSTRAINT {table}_log FOREIGN KEY (log_id) REFERENCES exams_publishlog (id)
  DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX {table}_log ON {table} (log_id);
"""


def log_of(model):
    """Return the step that gives a published table the column which names the act of its publication."""
    log = models.ForeignKey(
        editable=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name='+',
        to='exams.publishlog',
    )
    return migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunSQL(LOG_COLUMN.format(table=f'exams_{model}'))],
        state_operations=[migrations.AddField(model, 'log', log)],
    )


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('exams', '0001_initial'),
        ('exams', '0002_freeze'),
        ('exams', '0003_authors'),
        ('exams', '0004_planned_content'),
        ('exams', '0005_current_topics'),
        ('exams', '0006_attempts'),
        ('exams', '0007_insert_only'),
        ('exams', '0008_one_audit'),
        ('exams', '0009_version_before'),
        ('exams', '0010_question_of_its_own'),
        ('exams', '0011_sample'),
        ('exams', '0012_no_retired_at'),
        ('exams', '0014_cheatsheet'),
        ('exams', '0015_engine'),
        ('exams', '0017_insights'),
        ('exams', '0018_feedback'),
        ('exams', '0019_search'),
        ('exams', '0020_refused_answers'),
        ('exams', '0021_support'),
        ('exams', '0022_publication'),
        ('exams', '0023_authoring'),
        ('exams', '0024_content_files'),
        ('exams', '0025_item_tags'),
        ('exams', '0026_catalogue_log'),
        ('exams', '0027_import_files'),
        ('exams', '0028_draft_roles'),
        ('exams', '0029_statistics'),
        ('exams', '0030_rulings'),
        ('exams', '0031_import_names'),
        ('exams', '0032_sheet_names'),
        ('exams', '0033_certification_is_listed'),
        ('exams', '0034_freshness'),
        ('exams', '0035_bank_search'),
        ('exams', '0036_content_names'),
        ('exams', '0037_images'),
        ('exams', '0038_carried_rulings'),
        ('exams', '0039_second_person'),
        ('exams', '0040_names'),
        ('exams', '0041_profile'),
    ]

    dependencies = [
        ('accounts', '0001_squashed_0022_mail_claim'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Near-duplicates of questions are found by the trigrams of their words.
        TrigramExtension(),
        migrations.CreateModel(
            name='Certification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='as in addresses: mls-c01', max_length=40, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9]+(-[a-z0-9]+)*$', 'lower-case letters, digits and single hyphens')])),
                ('vendor', models.CharField(max_length=100)),
                ('level', models.CharField(max_length=60)),
                ('status', models.CharField(choices=[('active', 'Active'), ('retired', 'Retired'), ('announced', 'Announced')], default='active', max_length=12)),
                ('duration_minutes', models.PositiveSmallIntegerField()),
                ('items_total', models.PositiveSmallIntegerField()),
                ('items_scored', models.PositiveSmallIntegerField()),
                ('pass_mark', models.PositiveSmallIntegerField()),
                ('scale_min', models.PositiveSmallIntegerField()),
                ('scale_max', models.PositiveSmallIntegerField()),
                ('price_usd', models.PositiveSmallIntegerField(help_text='what the vendor asks for the real exam')),
                ('validity_years', models.PositiveSmallIntegerField()),
                ('retake_wait_days', models.PositiveSmallIntegerField()),
                ('accommodation_minutes', models.PositiveSmallIntegerField(help_text='extra time for a foreign language')),
                ('retired_on', models.DateField(blank=True, null=True)),
                ('successor_code', models.CharField(blank=True, max_length=40)),
                ('original_language', models.CharField(default='en', max_length=12)),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), default=list)),
                ('planned_forms', models.PositiveSmallIntegerField(default=0)),
                ('planned', models.JSONField(blank=True, default=dict, help_text='how much there will be, by the name of a part of the content')),
            ],
            options={
                'ordering': ['code'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('scale_min__lt', models.F('pass_mark')), ('pass_mark__lte', models.F('scale_max'))), name='certification_scale_in_order'),
                    models.CheckConstraint(condition=models.Q(('items_scored__gt', 0), ('items_scored__lte', models.F('items_total'))), name='certification_scored_within_total'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Domain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('weight_percent', models.PositiveSmallIntegerField()),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='domains', to='exams.certification')),
                ('is_current', models.BooleanField(db_default=True, default=True, help_text='whether the blueprint has it; what left it stays for what refers to it')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [
                    models.UniqueConstraint(fields=('certification', 'number'), name='domain_number_once'),
                    models.CheckConstraint(condition=models.Q(('weight_percent__gte', 1), ('weight_percent__lte', 100)), name='domain_weight_in_range'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DomainText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12)),
                ('name', models.CharField(max_length=200)),
                ('domain', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='exams.domain')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('domain', 'language'), name='domain_text_once')],
            },
        ),
        migrations.CreateModel(
            name='ExamForm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='forms', to='exams.certification')),
            ],
            options={
                'ordering': ['certification', 'number'],
                'verbose_name': 'exam',
                'verbose_name_plural': 'exams',
                'constraints': [models.UniqueConstraint(fields=('certification', 'number'), name='form_number_once')],
            },
        ),
        migrations.CreateModel(
            name='FormEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('minutes', models.PositiveSmallIntegerField()),
                ('pass_mark', models.PositiveSmallIntegerField()),
                ('scale_min', models.PositiveSmallIntegerField()),
                ('scale_max', models.PositiveSmallIntegerField()),
                ('weights', models.JSONField(help_text='domain number to weight in percent')),
                ('digest', models.CharField(help_text='SHA-256 of parameters, item versions and positions', max_length=64)),
                ('published_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='editions', to='exams.examform')),
            ],
            options={
                'ordering': ['form', 'number'],
                'verbose_name': 'exam edition',
                'verbose_name_plural': 'exam editions',
                'constraints': [models.UniqueConstraint(fields=('form', 'number'), name='edition_number_once')],
            },
        ),
        migrations.CreateModel(
            name='Paper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12)),
                ('revision', models.PositiveIntegerField()),
                ('digest', models.CharField(help_text='SHA-256 of the content and its text rows', max_length=64)),
                ('content', models.JSONField(help_text='list of {position, kind, choose, stem, ask, options, language}')),
                ('text_ids', models.JSONField(help_text='id of the item text behind each position, in order')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='exams.formedition')),
            ],
            options={
                'verbose_name': 'edition in one language',
                'verbose_name_plural': 'editions by language',
                'constraints': [models.UniqueConstraint(fields=('edition', 'language', 'revision'), name='paper_once')],
            },
        ),
        migrations.CreateModel(
            name='TaskStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=12)),
                ('domain', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='exams.domain')),
                ('is_current', models.BooleanField(db_default=True, default=True, help_text='whether the blueprint has it; what left it stays for what refers to it')),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.UniqueConstraint(fields=('domain', 'code'), name='task_code_once')],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='as in the content files: E1-Q01', max_length=40)),
                ('coverage', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='exams.certification')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='exams.taskstatement')),
            ],
            options={
                'ordering': ['code'],
                'verbose_name': 'question',
                'verbose_name_plural': 'questions',
                'constraints': [models.UniqueConstraint(fields=('certification', 'code'), name='item_code_once')],
            },
        ),
        migrations.CreateModel(
            name='ItemVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=exams.bank.models.kind_choices, max_length=12)),
                ('choose', models.PositiveSmallIntegerField(help_text='how many options make a full answer')),
                ('difficulty', models.CharField(choices=[('easy', 'Easy'), ('medium', 'Medium'), ('hard', 'Hard')], max_length=12)),
                ('cognitive_level', models.CharField(blank=True, max_length=20)),
                ('digest', models.CharField(help_text='SHA-256 of kind, options, keys and original texts', max_length=64)),
                ('published_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='exams.item')),
            ],
            options={
                'ordering': ['item', 'number'],
                'verbose_name': 'question version',
                'verbose_name_plural': 'question versions',
                'constraints': [
                    models.UniqueConstraint(fields=('item', 'number'), name='item_version_once'),
                    models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='item_version_from_1'),
                    models.CheckConstraint(condition=models.Q(('choose__gte', 1)), name='item_version_choose_from_1'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ItemText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12)),
                ('revision', models.PositiveIntegerField()),
                ('digest', models.CharField(help_text='SHA-256 of the texts as written', max_length=64)),
                ('stem', models.TextField(help_text='as written, Markdown; without ask its last sentence is the question')),
                ('stem_html', models.TextField()),
                ('ask_html', models.TextField(help_text='the question itself, a paragraph of its own')),
                ('why', models.TextField()),
                ('why_html', models.TextField()),
                ('principle', models.TextField()),
                ('principle_html', models.TextField()),
                ('tip', models.TextField()),
                ('tip_html', models.TextField()),
                ('references', models.JSONField(default=list, help_text='list of {title, url}')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='texts', to='exams.itemversion')),
                ('ask', models.TextField(blank=True, db_default='', default='', help_text='the question, as written')),
                ('figures', models.JSONField(db_default={}, default=dict, help_text='{name: SVG} of those that it shows')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('version', 'language', 'revision'), name='item_text_once'),
                    models.CheckConstraint(condition=models.Q(('revision__gte', 1)), name='item_text_from_1'),
                ],
            },
        ),
        migrations.CreateModel(
            name='FormItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('is_scored', models.BooleanField()),
                ('domain_number', models.PositiveSmallIntegerField()),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='exams.formedition')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='form_items', to='exams.itemversion')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [
                    models.UniqueConstraint(fields=('edition', 'position'), name='form_item_position_once'),
                    models.UniqueConstraint(fields=('edition', 'version'), name='form_item_version_once'),
                    models.CheckConstraint(condition=models.Q(('position__gte', 1), ('position__lte', 500)), name='form_item_position_range'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Option',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('order', models.PositiveSmallIntegerField()),
                ('is_key', models.BooleanField()),
                ('failure', models.CharField(blank=True, help_text='why a distractor fails: W1 to W6', max_length=4)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='options', to='exams.itemversion')),
            ],
            options={
                'ordering': ['order'],
                'constraints': [models.UniqueConstraint(fields=('version', 'order'), name='option_order_once')],
            },
        ),
        migrations.CreateModel(
            name='OptionText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('text_html', models.TextField()),
                ('rationale', models.TextField()),
                ('rationale_html', models.TextField()),
                ('item_text', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='options', to='exams.itemtext')),
                ('option', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='texts', to='exams.option')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('item_text', 'option'), name='option_text_once')],
            },
        ),
        migrations.CreateModel(
            name='TaskStatementText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12)),
                ('title', models.CharField(max_length=200)),
                ('covers', models.TextField(blank=True)),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='exams.taskstatement')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('task', 'language'), name='task_text_once')],
            },
        ),
        migrations.CreateModel(
            name='CertificationText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12)),
                ('name', models.CharField(max_length=200)),
                ('summary', models.TextField()),
                ('description', models.TextField()),
                ('retirement_note', models.TextField(blank=True)),
                ('successor_name', models.CharField(blank=True, max_length=200)),
                ('successor_note', models.TextField(blank=True)),
                ('recommended_experience', models.TextField(blank=True)),
                ('question_types', models.TextField(blank=True)),
                ('delivery', models.TextField(blank=True)),
                ('retake', models.TextField(blank=True)),
                ('results_note', models.TextField(blank=True)),
                ('accommodation', models.TextField(blank=True)),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='exams.certification')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('certification', 'language'), name='certification_text_once')],
            },
        ),
        migrations.CreateModel(
            name='SampleItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sample', to='exams.certification')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sample_items', to='exams.itemversion')),
            ],
            options={
                'ordering': ['certification', 'position'],
                'constraints': [
                    models.UniqueConstraint(fields=('certification', 'position'), name='sample_position_once'),
                    models.UniqueConstraint(fields=('certification', 'version'), name='sample_version_once'),
                    models.CheckConstraint(condition=models.Q(('position__gte', 1)), name='sample_position_from_1'),
                ],
            },
        ),
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
                'verbose_name': 'cheat sheet',
                'verbose_name_plural': 'cheat sheets',
                'constraints': [
                    models.UniqueConstraint(fields=('certification', 'language', 'number'), name='sheet_edition_number_once'),
                    models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='sheet_edition_from_1'),
                ],
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
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['covers'], name='sheet_block_covers')],
                'constraints': [
                    models.UniqueConstraint(fields=('edition', 'position'), name='sheet_block_position_once'),
                    models.UniqueConstraint(fields=('edition', 'number'), name='sheet_block_number_once'),
                    models.CheckConstraint(condition=models.Q(('position__gte', 1)), name='sheet_block_from_1'),
                ],
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
            options={
                'constraints': [models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('content'), 20971520), name='sheet_file_size')],
            },
        ),
        migrations.CreateModel(
            name='PracticeOpening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='openings', to='exams.examform')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='openings', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'form'), name='practice_opening_once')],
            },
        ),
        migrations.CreateModel(
            name='ExamDate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('updated_at', models.DateTimeField()),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='exams.certification')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='exam_dates', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'certification'), name='exam_date_once')],
            },
        ),
        migrations.CreateModel(
            name='CountingRun',
            fields=[
                ('id', models.SmallIntegerField(primary_key=True, serialize=False)),
                ('began_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='counting_run_one_row')],
            },
        ),
        migrations.CreateModel(
            name='Bookmark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.item')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'item'), name='bookmark_once')],
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.item')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('user', 'item'), name='note_once'),
                    models.CheckConstraint(condition=models.Q(django.db.models.lookups.GreaterThan(django.db.models.functions.text.Length('text'), 0), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text'), 10000)), name='note_length'),
                ],
            },
        ),
        migrations.CreateModel(
            name='OptionCount',
            fields=[
                ('option', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='exams.option')),
                ('chosen', models.PositiveIntegerField()),
                ('answers', models.PositiveIntegerField()),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.itemversion')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('chosen__lte', models.F('answers'))), name='option_count_of_answers')],
            },
        ),
        migrations.CreateModel(
            name='PublishLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('source', models.CharField(choices=[('files', 'content files'), ('person', 'a person'), ('import', 'an import'), ('errata', 'a correction')], max_length=8)),
                ('reason', models.TextField(blank=True)),
                ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('name', models.CharField(help_text='as the content files name it: E1-Q07', max_length=60)),
                ('content', models.JSONField()),
                ('digest', models.CharField(help_text='SHA-256 of the content', max_length=64)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('state', models.CharField(choices=[('draft', 'draft'), ('review', 'in review'), ('approved', 'approved'), ('published', 'published'), ('discarded', 'discarded')], default='draft', max_length=10)),
                ('approved_digest', models.CharField(blank=True, max_length=64)),
                ('begun_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('saved_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('approver', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('assignee', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('author', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('base', models.ForeignKey(help_text='what was current when it was begun', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.publishlog')),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='exams.certification')),
                ('log', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.publishlog')),
            ],
            options={
                'verbose_name': 'draft',
                'verbose_name_plural': 'drafts',
                'ordering': ['-saved_at', '-pk'],
                'permissions': [('write_draft', 'Can write drafts'), ('translate_draft', 'Can write texts of drafts in other languages than the original'), ('review_draft', 'Can approve, send back and publish drafts')],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state__in', ('draft', 'review', 'approved'))), fields=('kind', 'certification', 'name'), name='draft_open_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('approved', 'published')), _negated=True), ('approved_digest', models.F('digest')), _connector='OR'), name='draft_approved_by_digest'),
                    models.CheckConstraint(condition=models.Q(models.Q(('log__isnull', False), ('state', 'published')), models.Q(models.Q(('state', 'published'), _negated=True), ('log__isnull', True)), _connector='OR'), name='draft_published_by_log'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DraftComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('place', models.CharField(blank=True, help_text='the field that it is about', max_length=60)),
                ('at_revision', models.PositiveIntegerField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='exams.draft')),
                ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='DraftEditor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('saved_at', models.DateTimeField(null=True)),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='editors', to='exams.draft')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('draft', 'person'), name='draft_editor_once')],
            },
        ),
        migrations.CreateModel(
            name='DraftSave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField()),
                ('content', models.JSONField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='saves', to='exams.draft')),
                ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-revision'],
                'constraints': [models.UniqueConstraint(fields=('draft', 'revision'), name='draft_save_once')],
            },
        ),
        migrations.CreateModel(
            name='ContentFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='within the folder: guide.yaml', max_length=120)),
                ('content', models.TextField()),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='exams.certification')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('certification', 'name'), name='content_file_once')],
            },
        ),
        migrations.CreateModel(
            name='ImportFile',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('format', models.CharField(max_length=12)),
                ('name', models.CharField(max_length=200)),
                ('content', models.BinaryField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('certification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='exams.certification')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'constraints': [models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('content'), 20971520), name='import_file_size')],
            },
        ),
        migrations.CreateModel(
            name='ItemStatistics',
            fields=[
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='statistics', serialize=False, to='exams.itemversion')),
                ('computed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('n', models.PositiveIntegerField(help_text='attempts counted')),
                ('facility', models.FloatField(help_text='share of attempts that answered it correctly')),
                ('point_biserial', models.FloatField(help_text='correlation with the rest score', null=True)),
                ('discrimination', models.FloatField(help_text='upper less lower 27 percent')),
                ('flags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list)),
                ('figures', models.JSONField(help_text='all of them, see exams.statistics.counting')),
            ],
        ),
        migrations.CreateModel(
            name='ItemDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('promote', 'Promote: let it count'), ('retire', 'Retire: take it out'), ('wait', 'Wait: keep collecting data')], max_length=8)),
                ('proposed', models.CharField(choices=[('promote', 'promote'), ('retire', 'retire'), ('wait', 'wait')], help_text='by the figures then', max_length=8)),
                ('figures', models.JSONField(help_text='n, facility and correlation by which it was decided')),
                ('reason', models.TextField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='exams.itemversion')),
            ],
            options={
                'verbose_name': 'question decision',
                'verbose_name_plural': 'question decisions',
                'constraints': [
                    models.UniqueConstraint(fields=('version', 'number'), name='item_decision_once'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ['promote', 'retire', 'wait'])), name='item_decision_kind'),
                    models.CheckConstraint(condition=django.db.models.lookups.GreaterThan(django.db.models.functions.text.Length('reason'), 0), name='item_decision_has_a_reason'),
                ],
            },
        ),
        migrations.CreateModel(
            name='KeyRuling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('also', 'Another answer is also accepted.'), ('replace', 'The correct answer was changed.'), ('credit', 'Every answer counts as correct.'), ('out', 'The question no longer counts.')], max_length=8)),
                ('option_ids', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, help_text='also accepted, or the new key')),
                ('may_lower', models.BooleanField(help_text='scores that it lowers are lowered')),
                ('cause', models.CharField(choices=[('second', 'More than one answer is correct.'), ('wrong', 'The answer marked as correct was wrong.'), ('unclear', 'The question was unclear.'), ('outdated', 'The question was out of date.'), ('broken', "The question wasn't displayed correctly.")], max_length=8)),
                ('log', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.publishlog')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rulings', to='exams.itemversion')),
                ('carried_from', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='carried', to='exams.keyruling')),
            ],
            options={
                'verbose_name': 'ruling',
                'ordering': ['-id'],
                'verbose_name_plural': 'rulings',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('also', 'replace')), ('option_ids__len__gte', 1)), models.Q(('kind__in', ('credit', 'out')), ('option_ids__len', 0)), _connector='OR'), name='key_ruling_options_by_kind'),
                    models.CheckConstraint(condition=models.Q(('cause__in', ('second', 'wrong', 'unclear', 'outdated', 'broken'))), name='key_ruling_cause_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DrawnPaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12)),
                ('version_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text='by position')),
                ('text_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text='the text behind each position')),
                ('asked', models.JSONField(default=dict, help_text='by what filters it was drawn')),
                ('created_at', models.DateTimeField()),
                ('certification', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.certification')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ruling', models.ForeignKey(db_index=False, help_text='the last ruling of all when it was drawn', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.keyruling')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('version_ids__len__gte', 1), ('version_ids__len__lte', 500), ('version_ids__len', models.F('text_ids__len'))), name='drawn_paper_items')],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('mode', models.CharField(choices=[('exam', 'Exam'), ('drill', 'Drill')], default='exam', max_length=12)),
                ('state', models.PositiveSmallIntegerField(choices=[(1, 'running'), (2, 'submitted'), (3, 'expired'), (4, 'scored'), (5, 'voided')], default=1)),
                ('started_at', models.DateTimeField()),
                ('deadline_at', models.DateTimeField(help_text='empty when there is no time limit', null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, choices=[('submitted', 'Submitted'), ('expired', 'Expired'), ('cancelled', 'Canceled'), ('voided', 'Voided'), ('idle', 'Idle')], max_length=12)),
                ('minutes_allowed', models.PositiveSmallIntegerField(help_text='with the accommodation, stamped at start; 0 without a time limit')),
                ('accommodation', models.CharField(help_text='as it was at the start', max_length=20)),
                ('seen_before', models.BooleanField(help_text='the person had seen the questions of this form before', verbose_name='questions seen before')),
                ('lease_no', models.PositiveIntegerField(default=0)),
                ('lease_holder', models.CharField(blank=True, help_text='SHA-256 of the session or token', max_length=64)),
                ('answers_sha256', models.CharField(blank=True, max_length=64)),
                ('score_tries', models.PositiveSmallIntegerField(default=0, help_text='tries to end it, and from the end on to score it')),
                ('score_claimed_at', models.DateTimeField(help_text='when the last try began', null=True)),
                ('quarantined_at', models.DateTimeField(help_text='set aside: tried once an hour', null=True)),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='attempts', to=settings.AUTH_USER_MODEL)),
                ('form', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='exams.examform')),
                ('edition', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='exams.formedition')),
                ('paper', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='exams.paper')),
                ('opened_at', models.DateTimeField(help_text='when its questions were first sent to the person, by whatever page', null=True)),
                ('score_error', models.CharField(blank=True, db_default='', default='', help_text='why the last failed try failed', max_length=200)),
                ('feedback', models.CharField(choices=[('at_end', 'At End'), ('at_once', 'At Once')], db_default='at_end', default='at_end', max_length=12)),
                ('hidden_at', models.DateTimeField(help_text='when the person took it off their lists', null=True)),
                ('seen_ms', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(null=True), db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField())), default=list, help_text='how long each position was looked at, as the page said when it submitted')),
                ('seen_positions', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), db_default=models.Value([], output_field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField())), default=list, help_text='whose items the person had been shown before the start')),
                ('drawn', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attempt', to='exams.drawnpaper')),
            ],
            options={
                'permissions': [('support_attempt', 'Can extend and void attempts of candidates within limits')],
                'indexes': [
                    models.Index(fields=['user', '-started_at'], name='attempt_of_user'),
                    models.Index(condition=models.Q(('state', 1)), fields=['deadline_at'], name='attempt_running_deadline'),
                    models.Index(condition=models.Q(('state', 1)), fields=['lease_holder'], name='attempt_lease_holder'),
                    models.Index(condition=models.Q(('state__in', [2, 3])), fields=['ended_at'], name='attempt_waits_for_score'),
                    models.Index(condition=models.Q(('deadline_at', None), ('state', 1)), fields=['started_at'], name='attempt_running_untimed'),
                    models.Index(fields=['-started_at'], name='attempt_newest'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('mode', 'exam'), ('state', 1)), fields=('user', 'form'), name='attempt_one_running'),
                    models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 1)), models.Q(models.Q(('state', 1), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='attempt_ended_has_a_time'),
                    models.CheckConstraint(condition=models.Q(('deadline_at__gt', models.F('started_at'))), name='attempt_deadline_after_start'),
                    models.CheckConstraint(condition=models.Q(models.Q(('drawn', None), ('edition__isnull', False), ('form__isnull', False), ('mode', 'exam'), ('paper__isnull', False)), models.Q(('drawn__isnull', False), ('edition', None), ('form', None), ('mode', 'drill'), ('paper', None)), _connector='OR'), name='attempt_edition_or_drawn_paper'),
                    models.CheckConstraint(condition=models.Q(('mode', 'drill'), models.Q(('deadline_at__isnull', False), ('feedback', 'at_end')), _connector='OR'), name='attempt_exam_is_timed'),
                    models.CheckConstraint(condition=models.Q(('feedback__in', ['at_end', 'at_once'])), name='attempt_feedback_known'),
                    models.CheckConstraint(condition=models.Q(('hidden_at', None), ('mode', 'drill'), _connector='OR'), name='attempt_drill_is_hidden'),
                ],
            },
        ),
        migrations.CreateModel(
            name='RefusedAnswer',
            fields=[
                ('lease_no', models.IntegerField()),
                ('seq', models.IntegerField()),
                ('position', models.SmallIntegerField()),
                ('selected', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField())),
                ('flagged', models.BooleanField()),
                ('received_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=20)),
                ('attempt', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='refused', to='exams.attempt')),
                ('pk', models.CompositePrimaryKey('attempt_id', 'lease_no', 'seq', 'reason', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField()),
                ('scoring_revision', models.PositiveSmallIntegerField(help_text='which rules of exams.scoring made it')),
                ('raw', models.PositiveSmallIntegerField(help_text='scored items answered right')),
                ('scaled', models.PositiveSmallIntegerField(help_text='a drill has none', null=True)),
                ('passed', models.BooleanField(help_text='a drill has no pass line', null=True)),
                ('result', models.JSONField(help_text='domains, band, and right or wrong by position')),
                ('reason', models.TextField(blank=True)),
                ('created_at', models.DateTimeField()),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('attempt', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='exams.attempt')),
                ('ruling', models.ForeignKey(db_index=False, help_text='the last ruling on any of its items that it counts', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.keyruling')),
            ],
            options={
                'indexes': [
                    django.contrib.postgres.indexes.BrinIndex(fields=['created_at'], name='score_newest'),
                    models.Index(condition=models.Q(('ruling__isnull', False)), fields=['ruling'], name='score_by_ruling'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('attempt', 'revision'), name='score_revision_once'),
                    models.CheckConstraint(condition=models.Q(('revision__gte', 1)), name='score_revision_from_1'),
                    models.CheckConstraint(condition=models.Q(models.Q(('passed__isnull', False), ('scaled__isnull', False)), models.Q(('passed', None), ('scaled', None)), _connector='OR'), name='score_scaled_and_passed_together'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AnswerEvent',
            fields=[
                ('lease_no', models.IntegerField()),
                ('seq', models.IntegerField()),
                ('position', models.SmallIntegerField()),
                ('selected', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField())),
                ('flagged', models.BooleanField()),
                ('received_at', models.DateTimeField()),
                ('attempt', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='exams.attempt')),
                ('closes', models.BooleanField(db_default=False, default=False, help_text='the review of the position was shown: it never changes')),
                ('confidence', models.SmallIntegerField(help_text='1 guess, 2 unsure, 3 sure', null=True)),
                ('seen_ms', models.IntegerField(help_text='how long the question had been looked at by then', null=True)),
                ('pk', models.CompositePrimaryKey('attempt_id', 'lease_no', 'seq', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('seq__gte', 1), ('seq__lte', 20000)), name='answer_event_seq'),
                    models.CheckConstraint(condition=models.Q(('position__gte', 1), ('position__lte', 500)), name='answer_event_position'),
                    models.UniqueConstraint(condition=models.Q(('closes', True)), fields=('attempt', 'position'), name='answer_event_closed_once'),
                    models.CheckConstraint(condition=models.Q(('confidence__gte', 1), ('confidence__lte', 3)), name='answer_event_confidence'),
                    models.CheckConstraint(condition=models.Q(('seen_ms__gte', 0), ('seen_ms__lte', 86400000)), name='answer_event_seen_ms'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CountedAttempt',
            fields=[
                ('attempt', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='exams.attempt')),
                ('counted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='ProblemReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('reason', models.CharField(choices=[('key', 'The correct answer is wrong'), ('unclear', 'The question is unclear'), ('outdated', "It's outdated"), ('typo', "There's a typo"), ('translation', 'The translation is wrong'), ('other', 'Something else')], max_length=12)),
                ('text', models.TextField(blank=True)),
                ('language', models.CharField(help_text='of the page on which it was reported', max_length=12)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('state', models.CharField(choices=[('open', 'Waiting for an answer'), ('corrected', "We're correcting it"), ('unchanged', 'No change needed')], default='open', max_length=12)),
                ('answer', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('attempt', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.attempt')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.itemversion')),
            ],
            options={
                'verbose_name': 'problem report',
                'ordering': ['-created_at', '-pk'],
                'verbose_name_plural': 'problem reports',
                'indexes': [
                    models.Index(fields=['user', '-created_at'], name='report_of_user'),
                    models.Index(condition=models.Q(('state', 'open')), fields=['created_at'], name='report_waiting'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('user', 'version', 'reason'), name='report_open_once'),
                    models.CheckConstraint(condition=models.Q(('reason__in', ['key', 'unclear', 'outdated', 'typo', 'translation', 'other'])), name='report_reason_known'),
                    models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text'), 2000), name='report_text_length'),
                    models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('state', 'open')), models.Q(('answered_at__isnull', False), ('state__in', ['corrected', 'unchanged']), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='report_answered_has_an_answer'),
                ],
            },
        ),
        migrations.CreateModel(
            name='EditionStatistics',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('computed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('n', models.PositiveIntegerField(help_text='attempts counted')),
                ('figures', models.JSONField(help_text='of the form, see exams.statistics.counting')),
                ('items', models.JSONField(help_text='figures by position, in order')),
                ('edition', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.formedition')),
                ('until_score', models.ForeignKey(db_index=False, help_text='the newest that counted', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.score')),
            ],
            options={
                'indexes': [models.Index(fields=['edition', '-id'], name='edition_statistics_newest')],
            },
        ),
        migrations.CreateModel(
            name='RulingRun',
            fields=[
                ('ruling', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='run', serialize=False, to='exams.keyruling')),
                ('rescored_to', models.UUIDField(null=True)),
                ('told_to', models.BigIntegerField(default=0)),
                ('examined', models.PositiveIntegerField(default=0)),
                ('revised', models.PositiveIntegerField(default=0)),
                ('raised', models.PositiveIntegerField(default=0)),
                ('lowered', models.PositiveIntegerField(default=0)),
                ('kept', models.PositiveIntegerField(default=0)),
                ('to_pass', models.PositiveIntegerField(default=0)),
                ('to_fail', models.PositiveIntegerField(default=0)),
                ('told', models.PositiveIntegerField(default=0)),
                ('rescored_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('people', models.PositiveIntegerField(db_default=0, default=0, help_text='who took or are taking an exam with the version, when it was ruled')),
                ('second_person', models.CharField(blank=True, choices=[('', 'not needed'), ('confirmed', 'confirmed'), ('nobody', 'nobody else has this right')], db_default='', default='', max_length=10)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('finished_at', None), ('rescored_at__isnull', False), _connector='OR'), name='ruling_run_rescored_before_finished')],
            },
        ),
        migrations.CreateModel(
            name='KeptScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField()),
                ('scaled', models.PositiveSmallIntegerField()),
                ('passed', models.BooleanField()),
                ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.attempt')),
                ('ruling', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.keyruling')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('ruling', 'attempt'), name='kept_score_once')],
            },
        ),
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
                'verbose_name': 'watched service',
                'verbose_name_plural': 'watched services',
                'ordering': ['certification', 'name'],
                'constraints': [
                    models.UniqueConstraint(fields=('certification', 'name'), name='watched_name_once'),
                    models.CheckConstraint(condition=django.db.models.lookups.GreaterThan(django.db.models.functions.text.Length('name'), 0), name='watched_name_given'),
                    models.CheckConstraint(condition=django.db.models.lookups.GreaterThan(django.db.models.functions.text.Length('page'), 0), name='watched_name_page'),
                ],
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
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('item', 'watched'), name='review_task_open_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('outcome', '')), models.Q(('closed_at__isnull', False), ('outcome__in', ['checked', 'gone', 'let go'])), _connector='OR'), name='review_task_closed_with_outcome'),
                ],
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
                'verbose_name': 'question check',
                'verbose_name_plural': 'question checks',
                'ordering': ['-checked_on', '-pk'],
                'indexes': [models.Index(fields=['item', 'language', '-checked_on', '-id'], name='item_check_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('source__in', ['factcheck', 'files', 'person'])), name='item_check_source_known')],
            },
        ),
        migrations.CreateModel(
            name='ItemImage',
            fields=[
                ('digest', models.CharField(help_text='SHA-256 of the content', max_length=64, primary_key=True, serialize=False)),
                ('media_type', models.CharField(max_length=12)),
                ('width', models.PositiveSmallIntegerField(help_text='pixels')),
                ('height', models.PositiveSmallIntegerField(help_text='pixels')),
                ('content', models.BinaryField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'image',
                'verbose_name_plural': 'images',
                'constraints': [
                    models.UniqueConstraint(django.db.models.functions.text.Left('digest', 16), name='item_image_name_once'),
                    models.CheckConstraint(condition=models.Q(('digest', models.Func(models.Func('content', function='sha256', output_field=models.BinaryField()), models.Value('hex'), function='encode', output_field=models.TextField()))), name='item_image_by_content'),
                    models.CheckConstraint(condition=models.Q(('media_type__in', ('image/jpeg', 'image/png', 'image/webp'))), name='item_image_kind'),
                    models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('content'), 5000000), name='item_image_size'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PendingAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('subject', models.CharField(max_length=120)),
                ('parameters', models.JSONField(default=dict)),
                ('reason', models.TextField()),
                ('proposed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('confirmed', 'confirmed'), ('declined', 'declined'), ('withdrawn', 'withdrawn')], default='waiting', max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decision', models.TextField(blank=True, help_text='why it was declined or withdrawn')),
                ('decider', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'proposal',
                'verbose_name_plural': 'proposals',
                'ordering': ['-pk'],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('kind', 'subject'), name='pending_act_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='pending_act_decided_has_a_time'),
                ],
            },
        ),
        # Its constraints keep the name that it had.
        migrations.RenameField('certification', 'price_usd', 'exam_fee_usd'),
        run_sql('version_before.sql'),
        migrations.AddField(
            model_name='certification',
            name='log',
            field=models.ForeignKey(editable=False, help_text='who wrote facts, texts, domains and tasks last; NULL: before there was a log', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.publishlog'),
        ),
        migrations.AddField(
            model_name='certification',
            name='is_listed',
            field=models.BooleanField(db_default=True, default=True, help_text='whether the site shows it; until then only staff who work on content find it'),
        ),
        migrations.AddField(
            model_name='certification',
            name='profile',
            field=models.JSONField(blank=True, db_default={}, default=dict, help_text='what is asked of its questions, where that is not the usual (exams.kinds.profile)'),
        ),
        # Nothing ever wrote it: the column stays, and may be empty.
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField('item', 'retired_at')]),
        migrations.AddField(
            model_name='item',
            name='current',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.itemversion'),
        ),
        migrations.AddField(
            model_name='item',
            name='source_id',
            field=models.CharField(blank=True, db_default='', help_text='its ID in the system it was imported from', max_length=200),
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
        migrations.AddField(
            model_name='examform',
            name='current',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.formedition'),
        ),
        run_sql('search.sql'),
        *(log_of(model) for model in ('itemversion', 'itemtext', 'formedition', 'sheetedition')),
        migrations.RunSQL(FIRST_ENTRY),
        run_sql('bank_search.sql'),
        migrations.AddField(
            model_name='draft',
            name='lifted_ruling',
            field=models.ForeignKey(db_index=False, editable=False, help_text='the ruling that a reviewer let this draft not follow', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.keyruling'),
        ),
        run_sql('guards.sql'),
        tables.protect("exams_paper", tables.INSERT_ONLY),
        tables.protect("exams_answerevent", tables.INSERT_ONLY),
        tables.protect("exams_refusedanswer", tables.LOG),
        tables.protect("exams_score", tables.insert_only("actor_id")),
        tables.protect("exams_sheetedition", tables.INSERT_ONLY),
        tables.protect("exams_sheetblock", tables.INSERT_ONLY),
        tables.protect("exams_sheetfile", tables.INSERT_ONLY),
        tables.protect("exams_drawnpaper", tables.insert_only("owner_id")),
        tables.protect("exams_practiceopening", tables.insert_only("user_id")),
        tables.protect("exams_countedattempt", tables.INSERT_ONLY),
        tables.protect("exams_publishlog", tables.insert_only("actor_id")),
        tables.protect("exams_draftsave", tables.insert_only("person_id")),
        tables.protect("exams_draftcomment", tables.insert_only("person_id")),
        tables.protect("exams_importfile", tables.LOG),
        tables.protect("exams_editionstatistics", tables.INSERT_ONLY),
        tables.protect("exams_itemdecision", tables.insert_only("actor_id")),
        tables.protect("exams_keyruling", tables.INSERT_ONLY),
        tables.protect("exams_keptscore", tables.INSERT_ONLY),
        tables.protect("exams_itemcheck", tables.insert_only("person_id")),
        tables.protect("exams_itemimage", tables.INSERT_ONLY),
    ]
