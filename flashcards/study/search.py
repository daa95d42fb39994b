"""Flashcards as what can be searched: the deck as far as it is open to a person, and their own cards.

A locked card is found by its topics alone, which everybody may read: its text decides nothing here. An own
card of a question that the person is asked now is left out until that exam has ended (G5).
"""

from typing import Any, Final

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.access import policy
from exams.search import sql
from exams.search.providers import Asked, Hit, Page, Provider, snippet
from flashcards.services.selectors import CARD_IS_HELD, text_of
from flashcards.study.session import topics_of

TITLE_MOST: Final = 160
# As tags and as words, so that k-means is found both ways.
TOPICS: Final = (
    "array_to_string(card.tags, ' ') || ' ' || translate(array_to_string(card.tags, ' '), '-', ' ')"
)
STATEMENT: Final = sql.statement(
    f"""
deck AS (
  SELECT card.id, card.code, card.tags, card.position, card.owner_id, card.is_preview,
         card.owner_id IS NULL AND NOT card.is_preview AND NOT %(granted)s AS is_locked,
         certification.original_language,
         to_tsvector('pg_catalog.english', {TOPICS}) @@ query.english
           OR to_tsvector('pg_catalog.simple', {TOPICS}) @@ query.plain AS has_topic
  FROM query CROSS JOIN exams_certification certification
  JOIN flashcards_card card ON card.certification_id = certification.id
  WHERE certification.code = %(code)s AND card.retired_at IS NULL
    AND (card.owner_id IS NULL OR card.owner_id = %(user)s)
    AND NOT {CARD_IS_HELD}),
matches AS (
  SELECT deck.*, text.id AS text_id, text.language,
         CASE WHEN text.id IS NULL THEN 0 ELSE {sql.rank("text", "text.language")} END
           + CASE WHEN has_topic THEN 0.1 ELSE 0 END AS rank
  FROM deck CROSS JOIN query
  LEFT JOIN LATERAL ({text_of("deck", "deck", "NOT deck.is_locked")}) text ON true
  WHERE deck.has_topic OR {sql.matches("text", "text.language")})""",  # noqa: S608  (made of constants)
    f"""
  SELECT matches.*, {sql.words_of("text.front_html")} AS front,
         {sql.words_of("text.front_html || ' ' || text.back_html || ' ' || text.trap_html")} AS words
  FROM matches LEFT JOIN flashcards_cardtext text ON text.id = matches.text_id""",  # noqa: S608  (made of constants)
    "is_locked, rank DESC, position, id",
)


def search(asked: Asked) -> Page:
    """Return the cards that match, what is open first; none where there is no deck. Two statements."""
    # Asked before the statement, which must not read a locked text at all.
    granted = policy.has_access(asked.user, f"cert:{asked.code}")
    total, rows = sql.rows(STATEMENT, asked, granted=granted)
    return Page(total, tuple(_hit(asked, row) for row in rows))


def _hit(asked: Asked, row: dict[str, Any]) -> Hit:
    deck = reverse("flashcards:deck", args=[asked.code])
    if row["is_locked"]:
        return Hit(
            title=", ".join(topics_of(row["tags"])),
            snippet=SafeString(),
            url=deck,
            language="",
            rank=row["rank"],
            is_locked=True,
        )
    own = reverse("flashcards:own_card_edit", args=[asked.code, row["id"]]) if row["owner_id"] else ""
    return Hit(
        title=" ".join(row["front"].split())[:TITLE_MOST],
        snippet=snippet(row["headline"], row["words"], asked.query),
        url=own or f"{deck}#{row['code'].lower()}",
        language=row["language"],
        rank=row["rank"],
    )


CARDS: Final = Provider("cards", _("Flashcards"), 2, search)
