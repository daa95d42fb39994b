"""What several cards say, by one statement."""

from collections.abc import Iterable
from typing import Final

from django.db import connection

from flashcards.services.texts import text_of
from flashcards.study.session import CardFace, topics_of

FACES: Final = f"""
SELECT card.id, text.language, text.front_html, text.back_html, text.trap_html, card.tags,
       card.owner_id IS NOT NULL
FROM flashcards_card card
JOIN exams_certification certification ON certification.id = card.certification_id
JOIN LATERAL ({text_of("card", "certification")}) text ON true
WHERE card.id = ANY(%(cards)s)
"""  # noqa: S608  (made of constants)


def faces(card_ids: Iterable[int], language: str) -> dict[int, CardFace]:
    """Return what these cards say, by their ids, in the language or in the original. One statement.

    Whoever calls has made sure that the cards may be read.
    """
    with connection.cursor() as cursor:
        cursor.execute(FACES, {"cards": list(card_ids), "language": language})
        return {
            pk: CardFace(spoken, front, back, trap, topics_of(tags), is_own)
            for pk, spoken, front, back, trap, tags, is_own in cursor.fetchall()
        }
