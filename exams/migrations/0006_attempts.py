"""When the questions were seen, why scoring failed, and an index that finds also what was set aside."""

from django.db import migrations, models

HEAD = "CREATE OR REPLACE FUNCTION passline_guard_attempt() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
# As 0002_freeze made it.
BODY = """
  IF (NEW.id, NEW.form_id, NEW.edition_id, NEW.paper_id, NEW.mode, NEW.started_at, NEW.minutes_allowed,
      NEW.accommodation, NEW.seen_before)
     IS DISTINCT FROM
     (OLD.id, OLD.form_id, OLD.edition_id, OLD.paper_id, OLD.mode, OLD.started_at, OLD.minutes_allowed,
      OLD.accommodation, OLD.seen_before) THEN
    RAISE EXCEPTION 'what an attempt began with does not change' USING ERRCODE = 'restrict_violation';
  END IF;
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
  IF OLD.state <> 1 AND NEW.state <> 1 AND
     (NEW.ended_at, NEW.answers_sha256, NEW.deadline_at, NEW.end_reason)
     IS DISTINCT FROM (OLD.ended_at, OLD.answers_sha256, OLD.deadline_at, OLD.end_reason) THEN
    RAISE EXCEPTION 'an ended attempt stays as it ended' USING ERRCODE = 'restrict_violation';
  END IF;
"""
OPENED_ONCE = """
  IF OLD.opened_at IS NOT NULL AND NEW.opened_at IS DISTINCT FROM OLD.opened_at THEN
    RAISE EXCEPTION 'that the questions were seen does not change' USING ERRCODE = 'restrict_violation';
  END IF;
"""
TAIL = "  RETURN NEW;\nEND $$;"


class Migration(migrations.Migration):
    dependencies = [("exams", "0005_current_topics")]

    operations = [
        migrations.AddField(
            "attempt",
            "opened_at",
            models.DateTimeField(
                null=True, help_text="when its questions were first sent to the person, by whatever page"
            ),
        ),
        migrations.AddField(
            "attempt",
            "score_error",
            models.CharField(
                max_length=200,
                default="",
                db_default="",
                blank=True,
                help_text="why the last failed try failed",
            ),
        ),
        migrations.AlterField(
            "attempt",
            "seen_before",
            models.BooleanField(help_text="the person had seen the questions of this form before"),
        ),
        migrations.AlterField(
            "attempt",
            "score_tries",
            models.PositiveSmallIntegerField(
                default=0, help_text="tries to end it, and from the end on to score it"
            ),
        ),
        migrations.AlterField(
            "attempt",
            "score_claimed_at",
            models.DateTimeField(null=True, help_text="when the last try began"),
        ),
        migrations.AlterField(
            "attempt",
            "quarantined_at",
            models.DateTimeField(null=True, help_text="set aside: tried once an hour"),
        ),
        migrations.RemoveIndex("attempt", "attempt_unscored"),
        migrations.AddIndex(
            "attempt",
            models.Index(
                fields=["ended_at"],
                condition=models.Q(state__in=[2, 3]),
                name="attempt_waits_for_score",
            ),
        ),
        migrations.RunSQL(HEAD + BODY + OPENED_ONCE + TAIL, HEAD + BODY + TAIL),
    ]
