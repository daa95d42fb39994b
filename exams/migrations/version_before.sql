-- What versions before asked for by names that are gone.

-- Generated, so that they say what the columns of today say; nobody can write to them.
ALTER TABLE exams_certification
  ADD COLUMN price_usd smallint GENERATED ALWAYS AS (exam_fee_usd) STORED,
  ADD COLUMN planned_cards smallint
    GENERATED ALWAYS AS (coalesce((planned ->> 'flashcards')::smallint, 0)) STORED,
  ADD COLUMN planned_sections smallint
    GENERATED ALWAYS AS (coalesce((planned ->> 'cheatsheet')::smallint, 0)) STORED;

-- What staff do to attempts is in accounts_auditentry; a view reads it and writes to it.
CREATE VIEW exams_attemptaudit AS
SELECT id, action, reason, before, after, at, actor_id, subject_id::uuid AS attempt_id
FROM accounts_auditentry WHERE subject_type = 'exams.attempt';

CREATE FUNCTION passline_attemptaudit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts_auditentry (at, actor_id, action, subject_type, subject_id, reason, before, after)
  VALUES (NEW.at, NEW.actor_id, NEW.action, 'exams.attempt', NEW.attempt_id::text, NEW.reason, NEW.before,
    NEW.after)
  RETURNING id INTO NEW.id;
  RETURN NEW;
END $$;
CREATE TRIGGER to_the_record INSTEAD OF INSERT ON exams_attemptaudit
FOR EACH ROW EXECUTE FUNCTION passline_attemptaudit();
