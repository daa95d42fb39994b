"""Rulings on keys, the ruling that a score counts, and how far one is carried out.

The columns of scores and drawn papers are empty for what there is and what the image before goes on adding:
no ruling was counted there.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.base import tables

CHECK = """
CREATE FUNCTION passline_check_key_ruling() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  whole integer;
BEGIN
  SELECT choose INTO whole FROM exams_itemversion WHERE id = NEW.version_id AND published_at IS NOT NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a ruling is on a published version' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (SELECT count(DISTINCT id) FROM exams_option
      WHERE id = ANY(NEW.option_ids) AND version_id = NEW.version_id) <> cardinality(NEW.option_ids) THEN
    RAISE EXCEPTION 'options of a ruling are those of its version, each once'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.kind = 'replace' AND cardinality(NEW.option_ids) <> whole THEN
    RAISE EXCEPTION 'a key has as many options as are to be chosen' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM exams_publishlog WHERE id = NEW.log_id AND source = 'errata') THEN
    RAISE EXCEPTION 'a ruling is logged as a correction' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER check_key_ruling BEFORE INSERT ON exams_keyruling
FOR EACH ROW EXECUTE FUNCTION passline_check_key_ruling();
"""
NO_CHECK = """
DROP TRIGGER check_key_ruling ON exams_keyruling;
DROP FUNCTION passline_check_key_ruling();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('exams', '0029_statistics'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
            options={
                'verbose_name': 'key ruling',
                'ordering': ['-id'],
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
            ],
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
        ),
        migrations.AddField(
            model_name='drawnpaper',
            name='ruling',
            field=models.ForeignKey(db_index=False, help_text='the last ruling of all when it was drawn', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.keyruling'),
        ),
        migrations.AddField(
            model_name='score',
            name='ruling',
            field=models.ForeignKey(db_index=False, help_text='the last ruling on any of its items that it counts', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.keyruling'),
        ),
        migrations.AddIndex(
            model_name='score',
            index=models.Index(condition=models.Q(('ruling__isnull', False)), fields=['ruling'], name='score_by_ruling'),
        ),
        migrations.AddConstraint(
            model_name='rulingrun',
            constraint=models.CheckConstraint(condition=models.Q(('finished_at', None), ('rescored_at__isnull', False), _connector='OR'), name='ruling_run_rescored_before_finished'),
        ),
        migrations.AddConstraint(
            model_name='keyruling',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('also', 'replace')), ('option_ids__len__gte', 1)), models.Q(('kind__in', ('credit', 'out')), ('option_ids__len', 0)), _connector='OR'), name='key_ruling_options_by_kind'),
        ),
        migrations.AddConstraint(
            model_name='keyruling',
            constraint=models.CheckConstraint(condition=models.Q(('cause__in', ('second', 'wrong', 'unclear', 'outdated', 'broken'))), name='key_ruling_cause_known'),
        ),
        migrations.AddConstraint(
            model_name='keptscore',
            constraint=models.UniqueConstraint(fields=('ruling', 'attempt'), name='kept_score_once'),
        ),
        migrations.RunSQL(CHECK, NO_CHECK),
        tables.protect("exams_keyruling", tables.INSERT_ONLY),
        tables.protect("exams_keptscore", tables.INSERT_ONLY),
    ]
