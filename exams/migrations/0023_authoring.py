"""Drafts, who works on them, and what is said about them."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from accounts.base import tables


GUARD = """
CREATE FUNCTION passline_guard_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a draft is kept' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW.kind, NEW.certification_id, NEW.name, NEW.begun_at)
     IS DISTINCT FROM (OLD.kind, OLD.certification_id, OLD.name, OLD.begun_at) THEN
    RAISE EXCEPTION 'what a draft is of does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.state IN ('published', 'discarded') AND
     (NEW.content, NEW.digest, NEW.revision, NEW.state, NEW.base_id, NEW.approved_digest, NEW.log_id)
     IS DISTINCT FROM
     (OLD.content, OLD.digest, OLD.revision, OLD.state, OLD.base_id, OLD.approved_digest, OLD.log_id) THEN
    RAISE EXCEPTION 'a closed draft stays as it is' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.content IS DISTINCT FROM OLD.content AND
     (NEW.revision <= OLD.revision OR NEW.state <> 'draft' OR NEW.digest = OLD.digest) THEN
    RAISE EXCEPTION 'a save counts, and makes a draft again' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN
     (('draft', 'review'), ('review', 'approved'), ('approved', 'published'), ('review', 'draft'),
      ('approved', 'draft'), ('draft', 'discarded'), ('review', 'discarded'), ('approved', 'discarded')) THEN
    RAISE EXCEPTION 'no way from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_draft BEFORE UPDATE OR DELETE ON exams_draft
FOR EACH ROW EXECUTE FUNCTION passline_guard_draft();
"""
NO_GUARD = """
DROP TRIGGER guard_draft ON exams_draft;
DROP FUNCTION passline_guard_draft();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('exams', '0022_publication'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            },
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('draft', 'review', 'approved'))), fields=('kind', 'certification', 'name'), name='draft_open_once'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('approved', 'published')), _negated=True), ('approved_digest', models.F('digest')), _connector='OR'), name='draft_approved_by_digest'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('log__isnull', False), ('state', 'published')), models.Q(models.Q(('state', 'published'), _negated=True), ('log__isnull', True)), _connector='OR'), name='draft_published_by_log'),
        ),
        migrations.AddConstraint(
            model_name='drafteditor',
            constraint=models.UniqueConstraint(fields=('draft', 'person'), name='draft_editor_once'),
        ),
        migrations.AddConstraint(
            model_name='draftsave',
            constraint=models.UniqueConstraint(fields=('draft', 'revision'), name='draft_save_once'),
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
        tables.protect("exams_draftsave", tables.insert_only("person_id")),
        tables.protect("exams_draftcomment", tables.insert_only("person_id")),
    ]
