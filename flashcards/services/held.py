"""Which own cards are closed because they tell the answer to a question of an exam that is being taken."""

from typing import Final

from exams.attempts.running_items import RUNNING_ITEMS

# `card` is the row of a card, `user` the person who asks for it.
CARD_IS_HELD: Final = f"""
(card.item_code <> '' AND EXISTS (
  SELECT FROM exams_item item WHERE item.certification_id = card.certification_id
    AND item.code = card.item_code AND item.id IN ({RUNNING_ITEMS})))
"""
