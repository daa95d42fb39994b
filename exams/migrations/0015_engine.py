"""The attempt as an engine: drills beside exams, untimed and with feedback at once, drawn for one person.

Columns have defaults of the database: the previous image keeps inserting attempts and answers without them.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.base import tables

HEAD = "CREATE OR REPLACE FUNCTION passline_guard_attempt() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
# As 0006_attempts left it.
BEGAN_BEFORE = """
  IF (NEW.id, NEW.form_id, NEW.edition_id, NEW.paper_id, NEW.mode, NEW.started_at, NEW.minutes_allowed,
      NEW.accommodation, NEW.seen_before)
     IS DISTINCT FROM
     (OLD.id, OLD.form_id, OLD.edition_id, OLD.paper_id, OLD.mode, OLD.started_at, OLD.minutes_allowed,
      OLD.accommodation, OLD.seen_before) THEN
    RAISE EXCEPTION 'what an attempt began with does not change' USING ERRCODE = 'restrict_violation';
  END IF;
"""
BEGAN = """
  IF (NEW.id, NEW.form_id, NEW.edition_id, NEW.paper_id, NEW.drawn_id, NEW.mode, NEW.feedback, NEW.started_at,
      NEW.minutes_allowed, NEW.accommodation, NEW.seen_before, NEW.seen_positions)
     IS DISTINCT FROM
     (OLD.id, OLD.form_id, OLD.edition_id, OLD.paper_id, OLD.drawn_id, OLD.mode, OLD.feedback, OLD.started_at,
      OLD.minutes_allowed, OLD.accommodation, OLD.seen_before, OLD.seen_positions) THEN
    RAISE EXCEPTION 'what an attempt began with does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  -- Neither does whether it has a time limit at all.
  IF (NEW.deadline_at IS NULL) <> (OLD.deadline_at IS NULL) THEN
    RAISE EXCEPTION 'a time limit neither comes nor goes' USING ERRCODE = 'restrict_violation';
  END IF;
"""
MOVES = """
  IF NEW.user_id IS DISTINCT FROM OLD.user_id AND NEW.user_id IS NOT NULL THEN
    RAISE EXCEPTION 'an attempt cannot change hands' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.deadline_at < OLD.deadline_at THEN
    RAISE EXCEPTION 'a deadline moves only forward' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.lease_no < OLD.lease_no THEN
    RAISE EXCEPTION 'lease numbers only rise' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN
     ((1, 2), (1, 3), (1, 5), (2, 4), (3, 4), (3, 1)) THEN
    RAISE EXCEPTION 'no way from state % to state %', OLD.state, NEW.state
      USING ERRCODE = 'restrict_violation';
  END IF;
"""
ENDED_BEFORE = """
  IF OLD.state <> 1 AND NEW.state <> 1 AND
     (NEW.ended_at, NEW.answers_sha256, NEW.deadline_at, NEW.end_reason)
     IS DISTINCT FROM (OLD.ended_at, OLD.answers_sha256, OLD.deadline_at, OLD.end_reason) THEN
    RAISE EXCEPTION 'an ended attempt stays as it ended' USING ERRCODE = 'restrict_violation';
  END IF;
"""
ENDED = """
  IF OLD.state <> 1 AND NEW.state <> 1 AND
     (NEW.ended_at, NEW.answers_sha256, NEW.deadline_at, NEW.end_reason, NEW.seen_ms)
     IS DISTINCT FROM
     (OLD.ended_at, OLD.answers_sha256, OLD.deadline_at, OLD.end_reason, OLD.seen_ms) THEN
    RAISE EXCEPTION 'an ended attempt stays as it ended' USING ERRCODE = 'restrict_violation';
  END IF;
"""
TAIL = """
  IF OLD.opened_at IS NOT NULL AND NEW.opened_at IS DISTINCT FROM OLD.opened_at THEN
    RAISE EXCEPTION 'that the questions were seen does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
"""
# Of the elements of an array Django can say nothing.
SEEN_MS = """
ALTER TABLE exams_attempt ADD CONSTRAINT attempt_seen_ms_range
CHECK (0 <= ALL (seen_ms) AND 86400000 >= ALL (seen_ms))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0014_cheatsheet"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DrawnPaper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=12)),
                (
                    "version_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), help_text="by position"
                    ),
                ),
                (
                    "text_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), help_text="the text behind each position"
                    ),
                ),
                ("asked", models.JSONField(default=dict, help_text="by what filters it was drawn")),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PracticeOpening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="answerevent",
            name="closes",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="the review of the position was shown: it never changes",
            ),
        ),
        migrations.AddField(
            model_name="answerevent",
            name="confidence",
            field=models.SmallIntegerField(help_text="1 guess, 2 unsure, 3 sure", null=True),
        ),
        migrations.AddField(
            model_name="answerevent",
            name="seen_ms",
            field=models.IntegerField(
                help_text="how long the question had been looked at by then", null=True
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="feedback",
            field=models.CharField(
                choices=[("at_end", "At End"), ("at_once", "At Once")],
                db_default="at_end",
                default="at_end",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="hidden_at",
            field=models.DateTimeField(help_text="when the person took it off their lists", null=True),
        ),
        migrations.AddField(
            model_name="attempt",
            name="seen_ms",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(null=True),
                db_default=models.Value(
                    [],
                    output_field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField()),
                ),
                default=list,
                help_text="how long each position was looked at, as the page said when it submitted",
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="seen_positions",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.SmallIntegerField(),
                db_default=models.Value(
                    [],
                    output_field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField()),
                ),
                default=list,
                help_text="whose items the person had been shown before the start",
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="deadline_at",
            field=models.DateTimeField(help_text="empty when there is no time limit", null=True),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="edition",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attempts",
                to="exams.formedition",
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="end_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("submitted", "Submitted"),
                    ("expired", "Expired"),
                    ("cancelled", "Cancelled"),
                    ("voided", "Voided"),
                    ("idle", "Idle"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="form",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attempts",
                to="exams.examform",
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="minutes_allowed",
            field=models.PositiveSmallIntegerField(
                help_text="with the accommodation, stamped at start; 0 without a time limit"
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="mode",
            field=models.CharField(
                choices=[("exam", "Exam"), ("drill", "Drill")], default="exam", max_length=12
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="paper",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attempts",
                to="exams.paper",
            ),
        ),
        migrations.AlterField(
            model_name="score",
            name="passed",
            field=models.BooleanField(help_text="a drill has no pass line", null=True),
        ),
        migrations.AlterField(
            model_name="score",
            name="scaled",
            field=models.PositiveSmallIntegerField(help_text="a drill has none", null=True),
        ),
        migrations.AddConstraint(
            model_name="answerevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closes", True)),
                fields=("attempt", "position"),
                name="answer_event_closed_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="answerevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("confidence__gte", 1), ("confidence__lte", 3)),
                name="answer_event_confidence",
            ),
        ),
        migrations.AddConstraint(
            model_name="answerevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("seen_ms__gte", 0), ("seen_ms__lte", 86400000)),
                name="answer_event_seen_ms",
            ),
        ),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("passed__isnull", False), ("scaled__isnull", False)),
                    models.Q(("passed", None), ("scaled", None)),
                    _connector="OR",
                ),
                name="score_scaled_and_passed_together",
            ),
        ),
        migrations.AddField(
            model_name="drawnpaper",
            name="certification",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="exams.certification",
            ),
        ),
        migrations.AddField(
            model_name="drawnpaper",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="drawn",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attempt",
                to="exams.drawnpaper",
            ),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("deadline_at", None), ("state", 1)),
                fields=["started_at"],
                name="attempt_running_untimed",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("drawn", None),
                        ("edition__isnull", False),
                        ("form__isnull", False),
                        ("mode", "exam"),
                        ("paper__isnull", False),
                    ),
                    models.Q(
                        ("drawn__isnull", False),
                        ("edition", None),
                        ("form", None),
                        ("mode", "drill"),
                        ("paper", None),
                    ),
                    _connector="OR",
                ),
                name="attempt_edition_or_drawn_paper",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("mode", "drill"),
                    models.Q(("deadline_at__isnull", False), ("feedback", "at_end")),
                    _connector="OR",
                ),
                name="attempt_exam_is_timed",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(("feedback__in", ["at_end", "at_once"])), name="attempt_feedback_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(("hidden_at", None), ("mode", "drill"), _connector="OR"),
                name="attempt_drill_is_hidden",
            ),
        ),
        migrations.AddField(
            model_name="practiceopening",
            name="form",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="openings", to="exams.examform"
            ),
        ),
        migrations.AddField(
            model_name="practiceopening",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="openings",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="drawnpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("version_ids__len__gte", 1),
                    ("version_ids__len__lte", 500),
                    ("version_ids__len", models.F("text_ids__len")),
                ),
                name="drawn_paper_items",
            ),
        ),
        migrations.AddConstraint(
            model_name="practiceopening",
            constraint=models.UniqueConstraint(fields=("user", "form"), name="practice_opening_once"),
        ),
        migrations.RunSQL(SEEN_MS, "ALTER TABLE exams_attempt DROP CONSTRAINT attempt_seen_ms_range"),
        migrations.RunSQL(
            HEAD + BEGAN + MOVES + ENDED + TAIL, HEAD + BEGAN_BEFORE + MOVES + ENDED_BEFORE + TAIL
        ),
        tables.protect("exams_drawnpaper", tables.insert_only("owner_id")),
        tables.protect("exams_practiceopening", tables.insert_only("user_id")),
    ]
