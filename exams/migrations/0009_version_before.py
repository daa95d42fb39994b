"""What the image before asks for by names that are gone, so that it serves on while a site is upgraded.

The version after this one may drop it: nothing that it serves beside asks for these names.
"""

from django.db import migrations, models

HELP = "whether the blueprint has it; what left it stays for what refers to it"

# Generated, so that they say what the new columns say; nobody can write to them.
COLUMNS = """
ALTER TABLE exams_certification
  ADD COLUMN price_usd smallint GENERATED ALWAYS AS (exam_fee_usd) STORED,
  ADD COLUMN planned_cards smallint
    GENERATED ALWAYS AS (coalesce((planned ->> 'flashcards')::smallint, 0)) STORED,
  ADD COLUMN planned_sections smallint
    GENERATED ALWAYS AS (coalesce((planned ->> 'cheatsheet')::smallint, 0)) STORED
"""
NO_COLUMNS = """
ALTER TABLE exams_certification
  DROP COLUMN price_usd, DROP COLUMN planned_cards, DROP COLUMN planned_sections
"""

# What staff do to attempts is in accounts_auditentry now; a view reads it and writes to it as before.
VIEW = """
CREATE VIEW exams_attemptaudit AS
SELECT id, action, reason, before, after, at, actor_id, subject_id::uuid AS attempt_id
FROM accounts_auditentry WHERE subject_type = 'exams.attempt'
"""
WRITE = """
CREATE FUNCTION passline_attemptaudit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts_auditentry (at, actor_id, action, subject_type, subject_id, reason, before, after)
  VALUES (NEW.at, NEW.actor_id, NEW.action, 'exams.attempt', NEW.attempt_id::text, NEW.reason, NEW.before,
    NEW.after)
  RETURNING id INTO NEW.id;
  RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER to_the_record INSTEAD OF INSERT ON exams_attemptaudit
FOR EACH ROW EXECUTE FUNCTION passline_attemptaudit()
"""
# config.grants looks at tables only. A server with one role for everything does not know this one.
GRANT = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'passline_app') THEN
    REVOKE ALL ON exams_attemptaudit FROM passline_app, PUBLIC;
    GRANT SELECT, INSERT ON exams_attemptaudit TO passline_app;
  END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("exams", "0008_one_audit")]

    operations = [
        *(
            migrations.AlterField(
                model, "is_current", models.BooleanField(default=True, db_default=True, help_text=HELP)
            )
            for model in ("domain", "taskstatement")
        ),
        migrations.RunSQL(COLUMNS, NO_COLUMNS),
        migrations.RunSQL(VIEW, "DROP VIEW exams_attemptaudit"),
        migrations.RunSQL(WRITE, "DROP FUNCTION passline_attemptaudit()"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER to_the_record ON exams_attemptaudit"),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]
