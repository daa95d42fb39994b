"""What every read of cards shares: which text somebody reads, and which own cards are closed."""

from typing import Final

from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from accounts.users.models import User
from exams.attempts.running_items import RUNNING_ITEMS
from exams.bank.models import Item
from flashcards.models import CardText


def read_texts(texts: QuerySet[CardText], language: str) -> QuerySet[CardText]:
    """Return of these texts the one of each card that somebody reads, in the order of the cards.

    It is in the language, else in the original, else in any; of one language it was published last.
    """
    original = When(language=F("card__certification__original_language"), then=Value(1))
    preference = Case(When(language=language, then=Value(0)), original, default=Value(2))
    by_card = ("card__position", "card_id")
    ordered = texts.alias(preference=preference).order_by(*by_card, "preference", "-published_at", "-pk")
    return ordered.distinct(*by_card)


def held_codes(user: User, code: str) -> QuerySet[Item, str]:
    """Return, as part of a statement, the codes of the questions that a person is asked now.

    Own cards made from one tell its answer (G5). A card keeps the code, whatever version an exam has.
    """
    running = RawSQL(RUNNING_ITEMS % {"user": "%s"}, [user.pk])  # noqa: S611  (values are parameters)
    items = Item.objects.filter(certification__code=code, pk__in=running)
    return items.order_by().values_list("code", flat=True)


def text_of(card: str, certification: str, condition: str = "true") -> str:
    """Return `read_texts` of one card as SQL, for statements that take `%(language)s`.

    `card` and `certification` are what the rows are called that have `id` and `original_language`.
    """
    # As text, as the statements around it are: each says why.
    return f"""
  SELECT * FROM flashcards_cardtext
  WHERE card_id = {card}.id AND {condition}
  ORDER BY language = %(language)s DESC, language = {certification}.original_language DESC,
           published_at DESC, id DESC
  LIMIT 1"""  # noqa: S608  (made of constants)


# A card of `held_codes` as SQL: `card` is the row of a card, `user` the person who asks for it.
CARD_IS_HELD: Final = f"""
(card.item_code <> '' AND EXISTS (
  SELECT FROM exams_item item WHERE item.certification_id = card.certification_id
    AND item.code = card.item_code AND item.id IN ({RUNNING_ITEMS})))
"""
