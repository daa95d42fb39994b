"""SQL that every read of cards shares: which text somebody reads, and which own cards are closed."""

from typing import Final

from exams.attempts.running_items import RUNNING_ITEMS


def text_of(card: str, certification: str, condition: str = "true") -> str:
    """Return the row of a card's text: in `%(language)s`, else in the original language, else in any.

    Of one language it is the one that was published last. `card` and `certification` are what the rows are
    called that have `id` and `original_language`.
    """
    return f"""
  SELECT * FROM flashcards_cardtext
  WHERE card_id = {card}.id AND {condition}
  ORDER BY language = %(language)s DESC, language = {certification}.original_language DESC,
           published_at DESC, id DESC
  LIMIT 1"""  # noqa: S608  (made of constants)


# `card` is the row of a card, `user` the person who asks for it.
CARD_IS_HELD: Final = f"""
(card.item_code <> '' AND EXISTS (
  SELECT FROM exams_item item WHERE item.certification_id = card.certification_id
    AND item.code = card.item_code AND item.id IN ({RUNNING_ITEMS})))
"""
