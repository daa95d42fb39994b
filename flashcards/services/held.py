"""Which own cards are closed because they tell the answer to a question of an exam that is being taken."""

from typing import Final

# The same question in whatever version. An exam that expired holds its questions until it has its score:
# until then staff may let it run on. `card` is the row of the card, its owner takes the exam.
CARD_IS_HELD: Final = """
(card.item_code <> '' AND EXISTS (
  SELECT FROM exams_attempt attempt
  JOIN exams_formitem place ON place.edition_id = attempt.edition_id
  JOIN exams_itemversion version ON version.id = place.version_id
  JOIN exams_item item ON item.id = version.item_id
  WHERE attempt.user_id = card.owner_id AND attempt.mode = 'exam' AND attempt.state IN (1, 3)
    AND item.certification_id = card.certification_id AND item.code = card.item_code))
"""
ITEM_IS_HELD: Final = """
SELECT EXISTS (
  SELECT FROM exams_attempt attempt
  JOIN exams_formitem place ON place.edition_id = attempt.edition_id
  JOIN exams_itemversion version ON version.id = place.version_id
  WHERE attempt.user_id = %(user)s AND attempt.mode = 'exam' AND attempt.state IN (1, 3)
    AND version.item_id = %(item)s)
"""
