-- Full text search of sheet and questions: in each row a vector of stems and one of words without accents.
-- Both are kept by the database, so that no row is ever updated. A question knows its language, so its vectors
-- are generated columns; a block has it from its edition, by a trigger at insert. Models do not name these
-- columns: only search reads them.

CREATE FUNCTION passline_search_config(language text) RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE language
  WHEN 'en' THEN 'pg_catalog.english'::regconfig
  WHEN 'hu' THEN 'pg_catalog.hungarian'::regconfig
  ELSE 'pg_catalog.simple'::regconfig END;

-- The words of HTML. Words that a slash joins would else be one; \x02 and \x03 mark what was found.
CREATE FUNCTION passline_search_words(html text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN translate(replace(replace(replace(replace(replace(replace(
  regexp_replace(html, '<[^>]*>', ' ', 'g'),
  '&nbsp;', ' '), '&quot;', '"'), '&#39;', ''''), '&lt;', '<'), '&gt;', '>'), '&amp;', '&'),
  E'/\x02\x03', '   ');

CREATE FUNCTION passline_unaccented(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(normalize(words, NFKD), '[\u0300-\u036f]', '', 'g');

CREATE FUNCTION passline_search_stems(language text, title text, html text)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN setweight(to_tsvector(passline_search_config(language), passline_search_words(title)), 'A')
  || to_tsvector(passline_search_config(language), passline_search_words(html));

CREATE FUNCTION passline_search_plain(title text, html text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN setweight(to_tsvector('pg_catalog.simple'::regconfig,
                             passline_unaccented(passline_search_words(title))), 'A')
  || to_tsvector('pg_catalog.simple'::regconfig, passline_unaccented(passline_search_words(html)));

ALTER TABLE exams_itemtext
  ADD COLUMN search_stems tsvector GENERATED ALWAYS AS (passline_search_stems(language, ask_html,
    stem_html || ' ' || why_html || ' ' || principle_html || ' ' || tip_html)) STORED,
  ADD COLUMN search_plain tsvector GENERATED ALWAYS AS (passline_search_plain(ask_html,
    stem_html || ' ' || why_html || ' ' || principle_html || ' ' || tip_html)) STORED;
CREATE INDEX item_text_stems ON exams_itemtext USING gin (search_stems);
CREATE INDEX item_text_plain ON exams_itemtext USING gin (search_plain);

CREATE FUNCTION passline_block_stems(edition bigint, title text, html text)
RETURNS tsvector LANGUAGE sql STABLE
RETURN (SELECT passline_search_stems(language, title, html) FROM exams_sheetedition WHERE id = edition);

CREATE FUNCTION passline_search_block() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.search_stems := passline_block_stems(NEW.edition_id, NEW.title, NEW.html);
  RETURN NEW;
END $$;

ALTER TABLE exams_sheetblock
  ADD COLUMN search_stems tsvector,
  ADD COLUMN search_plain tsvector GENERATED ALWAYS AS (passline_search_plain(title, html)) STORED;
CREATE TRIGGER search_block BEFORE INSERT ON exams_sheetblock
  FOR EACH ROW EXECUTE FUNCTION passline_search_block();
CREATE INDEX sheet_block_stems ON exams_sheetblock USING gin (search_stems);
CREATE INDEX sheet_block_plain ON exams_sheetblock USING gin (search_plain);
