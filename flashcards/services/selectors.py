"""What every read of cards shares: which text somebody reads, and which own cards are closed."""

from typing import Final

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject

from accounts.users.models import User
from exams.attempts.running_items import RUNNING_ITEMS
from exams.bank.models import Item
from flashcards.models import CardText

SIDES: Final = {"front": "front_html", "back": "back_html", "trap": "trap_html"}


def texts_for(language: str) -> QuerySet[CardText]:
    """Return, as part of a statement over cards, the texts of each, the one that somebody reads first.

    It is in the language, else in the original, else in any; of one language it was published last.
    """
    original = When(language=OuterRef("certification__original_language"), then=Value(1))
    preference = Case(When(language=language, then=Value(0)), original, default=Value(2))
    texts = CardText.objects.filter(card=OuterRef("pk")).alias(preference=preference)
    return texts.order_by("preference", "-published_at", "-pk")


def face(language: str, condition: Q | None = None) -> Subquery:
    """Return, as part of a statement over cards, language and sides as HTML; NULL where none may be read."""
    texts = texts_for(language).filter(condition or Q())
    return Subquery(texts.values(face=JSONObject(language="language", **SIDES))[:1])


def not_held(user: User) -> Q:
    """Return the condition under which a card tells no answer to a question that the person is asked now."""
    running = RawSQL(RUNNING_ITEMS % {"user": "%s"}, [user.pk])  # noqa: S611  (values are parameters)
    # An own card keeps the code of its question, whatever version an exam has.
    items = Item.objects.filter(certification=OuterRef("certification"), code=OuterRef("item_code"))
    return Q(item_code="") | Q(~Exists(items.filter(pk__in=running)))


def text_of(card: str, certification: str, condition: str = "true") -> str:
    """Return `texts_for` of one card as SQL, for statements that take `%(language)s`.

    `card` and `certification` are what the rows are called that have `id` and `original_language`.
    """
    # As text, since the statements around it are: the study page's are prepared, a search is full-text.
    return f"""
  SELECT * FROM flashcards_cardtext
  WHERE card_id = {card}.id AND {condition}
  ORDER BY language = %(language)s DESC, language = {certification}.original_language DESC,
           published_at DESC, id DESC
  LIMIT 1"""  # noqa: S608  (made of constants)


# `not_held` as SQL: `card` is the row of a card, `user` the person who asks for it.
CARD_IS_HELD: Final = f"""
(card.item_code <> '' AND EXISTS (
  SELECT FROM exams_item item WHERE item.certification_id = card.certification_id
    AND item.code = card.item_code AND item.id IN ({RUNNING_ITEMS})))
"""
