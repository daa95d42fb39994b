"""The freeze (promise G4): what is published or has happened cannot be changed, whoever tries.

Error class 23001 (restrict_violation). Children of a published parent lock the parent first: without
that lock, 192 of 200 races changed a published item (docs/decisions/0006).
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION passline_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: it is kept as it was', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION passline_refuse_option() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE frozen timestamptz;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.version_id <> OLD.version_id THEN
    RAISE EXCEPTION 'an option cannot move' USING ERRCODE = 'restrict_violation';
  END IF;
  SELECT published_at INTO frozen FROM exams_itemversion
    WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.version_id ELSE NEW.version_id END FOR SHARE;
  IF frozen IS NOT NULL THEN
    RAISE EXCEPTION '% of an option of a published version', TG_OP USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION passline_refuse_form_item() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE frozen timestamptz;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.edition_id <> OLD.edition_id THEN
    RAISE EXCEPTION 'a form item cannot move' USING ERRCODE = 'restrict_violation';
  END IF;
  SELECT published_at INTO frozen FROM exams_formedition
    WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.edition_id ELSE NEW.edition_id END FOR SHARE;
  IF frozen IS NOT NULL THEN
    RAISE EXCEPTION '% of an item of a published edition', TG_OP USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION passline_refuse_item_text() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE frozen timestamptz;
BEGIN
  SELECT published_at INTO frozen FROM exams_itemversion WHERE id = OLD.version_id FOR SHARE;
  IF frozen IS NOT NULL THEN
    RAISE EXCEPTION '% of a text of a published version', TG_OP USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION passline_refuse_option_text() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE frozen timestamptz;
BEGIN
  SELECT v.published_at INTO frozen FROM exams_itemversion v JOIN exams_itemtext t ON t.version_id = v.id
    WHERE t.id = OLD.item_text_id FOR SHARE OF v;
  IF frozen IS NOT NULL THEN
    RAISE EXCEPTION '% of a text of a published version', TG_OP USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION passline_guard_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
  RETURN NEW;
END $$;
"""

DROP_FUNCTIONS = """
DROP FUNCTION passline_guard_attempt();
DROP FUNCTION passline_refuse_option_text();
DROP FUNCTION passline_refuse_item_text();
DROP FUNCTION passline_refuse_form_item();
DROP FUNCTION passline_refuse_option();
DROP FUNCTION passline_refuse();
"""

# name, table, when, function
TRIGGERS = [
    ("freeze_item_version", "exams_itemversion", "BEFORE UPDATE OR DELETE", "WHEN (OLD.published_at IS NOT NULL)", "passline_refuse"),
    ("freeze_option", "exams_option", "BEFORE INSERT OR UPDATE OR DELETE", "", "passline_refuse_option"),
    ("freeze_item_text", "exams_itemtext", "BEFORE UPDATE OR DELETE", "", "passline_refuse_item_text"),
    ("freeze_option_text", "exams_optiontext", "BEFORE UPDATE OR DELETE", "", "passline_refuse_option_text"),
    ("freeze_form_edition", "exams_formedition", "BEFORE UPDATE OR DELETE", "WHEN (OLD.published_at IS NOT NULL)", "passline_refuse"),
    ("freeze_form_item", "exams_formitem", "BEFORE INSERT OR UPDATE OR DELETE", "", "passline_refuse_form_item"),
    ("freeze_paper", "exams_paper", "BEFORE UPDATE OR DELETE", "", "passline_refuse"),
    ("freeze_answer_event", "exams_answerevent", "BEFORE UPDATE OR DELETE", "", "passline_refuse"),
    ("freeze_refused_answer", "exams_refusedanswer", "BEFORE UPDATE OR DELETE", "", "passline_refuse"),
    ("freeze_score", "exams_score", "BEFORE DELETE OR UPDATE OF attempt_id, revision, scoring_revision, raw, scaled, passed, result, reason, created_at", "", "passline_refuse"),
    ("freeze_attempt_audit", "exams_attemptaudit", "BEFORE DELETE OR UPDATE OF attempt_id, action, reason, before, after, at", "", "passline_refuse"),
    ("guard_attempt", "exams_attempt", "BEFORE UPDATE", "", "passline_guard_attempt"),
    ("keep_attempt", "exams_attempt", "BEFORE DELETE", "", "passline_refuse"),
]


def create() -> str:
    """All triggers, each for each row."""
    return "\n".join(
        f"CREATE TRIGGER {name} {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {function}();"
        for name, table, event, when, function in TRIGGERS
    )


def drop() -> str:
    """The same, taken away."""
    return "\n".join(f"DROP TRIGGER {name} ON {table};" for name, table, *_ in TRIGGERS)


class Migration(migrations.Migration):
    dependencies = [("exams", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        migrations.RunSQL(create(), drop()),
    ]
