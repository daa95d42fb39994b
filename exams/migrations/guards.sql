-- The freeze (promise G4): what is published or has happened cannot be changed, whoever tries.
-- Error class 23001 (restrict_violation). Children of a published parent lock the parent first: without
-- that lock, 192 of 200 races changed a published item (docs/decisions/0006).

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

-- An attempt changes by the ways that it has.
CREATE FUNCTION passline_guard_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN

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
     (NEW.ended_at, NEW.answers_sha256, NEW.deadline_at, NEW.end_reason, NEW.seen_ms)
     IS DISTINCT FROM
     (OLD.ended_at, OLD.answers_sha256, OLD.deadline_at, OLD.end_reason, OLD.seen_ms) THEN
    RAISE EXCEPTION 'an ended attempt stays as it ended' USING ERRCODE = 'restrict_violation';
  END IF;

  IF OLD.opened_at IS NOT NULL AND NEW.opened_at IS DISTINCT FROM OLD.opened_at THEN
    RAISE EXCEPTION 'that the questions were seen does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER freeze_item_version BEFORE UPDATE OR DELETE ON exams_itemversion
  FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION passline_refuse();
CREATE TRIGGER freeze_option BEFORE INSERT OR UPDATE OR DELETE ON exams_option
  FOR EACH ROW EXECUTE FUNCTION passline_refuse_option();
CREATE TRIGGER freeze_item_text BEFORE UPDATE OR DELETE ON exams_itemtext
  FOR EACH ROW EXECUTE FUNCTION passline_refuse_item_text();
CREATE TRIGGER freeze_option_text BEFORE UPDATE OR DELETE ON exams_optiontext
  FOR EACH ROW EXECUTE FUNCTION passline_refuse_option_text();
CREATE TRIGGER freeze_form_edition BEFORE UPDATE OR DELETE ON exams_formedition
  FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION passline_refuse();
CREATE TRIGGER freeze_form_item BEFORE INSERT OR UPDATE OR DELETE ON exams_formitem
  FOR EACH ROW EXECUTE FUNCTION passline_refuse_form_item();
CREATE TRIGGER guard_attempt BEFORE UPDATE ON exams_attempt
  FOR EACH ROW EXECUTE FUNCTION passline_guard_attempt();
CREATE TRIGGER keep_attempt BEFORE DELETE ON exams_attempt
  FOR EACH ROW EXECUTE FUNCTION passline_refuse();

-- Of the elements of an array Django can say nothing.
ALTER TABLE exams_attempt ADD CONSTRAINT attempt_seen_ms_range
CHECK (0 <= ALL (seen_ms) AND 86400000 >= ALL (seen_ms));

-- What is current is a published one of its own.
CREATE FUNCTION passline_guard_current_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.current_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM exams_itemversion
    WHERE id = NEW.current_id AND item_id = NEW.id AND published_at IS NOT NULL) THEN
    RAISE EXCEPTION 'version % is not a published version of item %', NEW.current_id, NEW.id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_current_version BEFORE INSERT OR UPDATE OF current_id ON exams_item
FOR EACH ROW EXECUTE FUNCTION passline_guard_current_version();

CREATE FUNCTION passline_guard_current_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.current_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM exams_formedition
    WHERE id = NEW.current_id AND form_id = NEW.id AND published_at IS NOT NULL) THEN
    RAISE EXCEPTION 'edition % is not a published edition of form %', NEW.current_id, NEW.id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_current_edition BEFORE INSERT OR UPDATE OF current_id ON exams_examform
FOR EACH ROW EXECUTE FUNCTION passline_guard_current_edition();

-- A draft goes its way, and stays as it was closed.
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

-- A ruling is on options of a published version, and logged as a correction.
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

-- A proposal is decided once, by somebody else.
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
