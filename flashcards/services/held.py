"""Which own cards are closed because they tell the answer to a question of an exam that is being taken."""

from typing import Final

# The questions of a person's running exams come first, or a planner without statistics joins whole tables.
# An exam that expired holds its questions until it has its score: until then staff may let it run on.
_HELD: Final = """
WITH places AS MATERIALIZED (
  SELECT place.version_id FROM exams_attempt attempt
  JOIN exams_formitem place ON place.edition_id = attempt.edition_id
  WHERE attempt.user_id = %(user)s AND attempt.mode = 'exam' AND attempt.state IN (1, 3))
SELECT {columns} FROM places
JOIN exams_itemversion version ON version.id = places.version_id
JOIN exams_item item ON item.id = version.item_id
"""
# The same question in whatever version. `card` is the row of a card, `user` the person who asks for it.
CARD_IS_HELD: Final = f"""
(card.item_code <> '' AND (card.certification_id, card.item_code) IN (
  {_HELD.format(columns="item.certification_id, item.code")}))
"""
ITEM_IS_HELD: Final = f"SELECT %(item)s IN ({_HELD.format(columns='item.id')})"
