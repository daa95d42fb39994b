"""What staff did to attempts moves to the record of acts that all packages share."""

from django.db import migrations

COPY = """
INSERT INTO accounts_auditentry (at, actor_id, action, subject_type, subject_id, reason, before, after)
SELECT at, actor_id, action, 'exams.attempt', attempt_id::text, reason, before, after
FROM exams_attemptaudit ORDER BY id
"""

BACK = """
CREATE TRIGGER freeze_attempt_audit
BEFORE DELETE OR UPDATE OF attempt_id, action, reason, before, after, at ON exams_attemptaudit
FOR EACH ROW EXECUTE FUNCTION passline_refuse()
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_ground"), ("exams", "0007_insert_only")]

    operations = [migrations.RunSQL(COPY, BACK), migrations.DeleteModel("AttemptAudit")]
