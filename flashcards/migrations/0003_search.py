"""Full text search of cards: vectors of stems and of words without accents, which the database generates."""

from django.db import migrations

ADD = """
ALTER TABLE flashcards_cardtext
  ADD COLUMN search_stems tsvector GENERATED ALWAYS AS (
    passline_search_stems(language, front_html, back_html || ' ' || trap_html)) STORED,
  ADD COLUMN search_plain tsvector GENERATED ALWAYS AS (
    passline_search_plain(front_html, back_html || ' ' || trap_html)) STORED;
CREATE INDEX card_text_stems ON flashcards_cardtext USING gin (search_stems);
CREATE INDEX card_text_plain ON flashcards_cardtext USING gin (search_plain);
"""
DROP = "ALTER TABLE flashcards_cardtext DROP COLUMN search_stems, DROP COLUMN search_plain"


class Migration(migrations.Migration):
    dependencies = [("flashcards", "0002_own_cards_and_export"), ("exams", "0019_search")]

    operations = [migrations.RunSQL(ADD, DROP)]
