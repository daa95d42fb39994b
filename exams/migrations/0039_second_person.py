"""Acts that wait for a second person, what rulings say of it, and the permission of support on attempts."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE FUNCTION passline_guard_pending_act() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before jsonb := to_jsonb(OLD); after jsonb := to_jsonb(NEW); cleared text;
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a proposal is kept' USING ERRCODE = 'restrict_violation';
  END IF;
  -- An erasure takes people out, at any time.
  FOREACH cleared IN ARRAY ARRAY['proposer_id', 'decider_id'] LOOP
    IF after -> cleared = 'null'::jsonb THEN
      before := before - cleared;
      after := after - cleared;
    END IF;
  END LOOP;
  IF before = after THEN
    RETURN NEW;
  END IF;
  IF OLD.state <> 'waiting' OR NEW.state = 'waiting' THEN
    RAISE EXCEPTION 'a proposal is decided once' USING ERRCODE = 'restrict_violation';
  END IF;
  IF before - 'state' - 'decider_id' - 'decided_at' - 'decision'
    <> after - 'state' - 'decider_id' - 'decided_at' - 'decision' THEN
    RAISE EXCEPTION 'what was proposed stays' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state = 'confirmed' AND (NEW.decider_id IS NULL OR NEW.decider_id = NEW.proposer_id) THEN
    RAISE EXCEPTION 'somebody else confirms a proposal' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_pending_act BEFORE UPDATE OR DELETE ON exams_pendingact
FOR EACH ROW EXECUTE FUNCTION passline_guard_pending_act();
"""
NO_GUARD = """
DROP TRIGGER guard_pending_act ON exams_pendingact;
DROP FUNCTION passline_guard_pending_act();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('exams', '0038_carried_rulings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='attempt',
            options={'permissions': [('support_attempt', 'Can extend and void attempts of candidates within limits')]},
        ),
        migrations.AddField(
            model_name='rulingrun',
            name='people',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='with a finished exam that has the question, when it was ruled'),
        ),
        migrations.AddField(
            model_name='rulingrun',
            name='second_person',
            field=models.CharField(blank=True, choices=[('', 'not needed'), ('confirmed', 'confirmed'), ('nobody', 'nobody else has this right')], db_default='', default='', max_length=10),
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
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('confirmed', 'confirmed'), ('declined', 'declined'), ('withdrawn', 'taken back')], default='waiting', max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decision', models.TextField(blank=True, help_text='why it was declined or taken back')),
                ('decider', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'proposal',
                'verbose_name_plural': 'proposals',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('kind', 'subject'), name='pending_act_once'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='pending_act_decided_has_a_time')],
            },
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
