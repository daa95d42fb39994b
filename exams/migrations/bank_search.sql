-- Search for authors: the words of each text and draft as people type them, with trigrams of their letters.
-- All columns are kept by the database. Options have no language of their own, so theirs holds the stems of
-- every language beside the plain words.

CREATE FUNCTION passline_bank_words(html text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(passline_unaccented(passline_search_words(html)));

CREATE FUNCTION passline_option_stems(html text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_tsvector('pg_catalog.english'::regconfig, passline_search_words(html))
  || to_tsvector('pg_catalog.hungarian'::regconfig, passline_search_words(html))
  || to_tsvector('pg_catalog.simple'::regconfig, passline_unaccented(passline_search_words(html)));

-- What somebody wrote into a draft, whatever its shape; of a question its texts alone. Drawings are no words.
CREATE FUNCTION passline_draft_words(kind text, content jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT lower(passline_unaccented(coalesce(string_agg(left(value #>> '{}', 20000), ' '), '')))
        FROM jsonb_path_query(CASE kind WHEN 'item' THEN content -> 'texts' ELSE content END,
                              'strict $.** ? (@.type() == "string")') AS value
        WHERE value #>> '{}' NOT LIKE '<svg%');

ALTER TABLE exams_itemtext
  ADD COLUMN search_words text GENERATED ALWAYS AS (passline_bank_words(stem_html || ' ' || ask_html || ' '
    || why_html || ' ' || principle_html || ' ' || tip_html)) STORED;
ALTER TABLE exams_optiontext
  ADD COLUMN search_words text GENERATED ALWAYS AS (
    passline_bank_words(text_html || ' ' || rationale_html)) STORED,
  ADD COLUMN search_stems tsvector GENERATED ALWAYS AS (
    passline_option_stems(text_html || ' ' || rationale_html)) STORED;
CREATE INDEX item_text_words ON exams_itemtext USING gin (search_words gin_trgm_ops);
CREATE INDEX option_text_words ON exams_optiontext USING gin (search_words gin_trgm_ops);
CREATE INDEX option_text_stems ON exams_optiontext USING gin (search_stems);

ALTER TABLE exams_draft
  ADD COLUMN search_words text GENERATED ALWAYS AS (passline_draft_words(kind, content)) STORED;
CREATE INDEX draft_words ON exams_draft USING gin (search_words gin_trgm_ops);
