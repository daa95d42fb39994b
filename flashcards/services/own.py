"""Own cards: made by a person, or from a question of an exam that they have finished."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly.models import FormItem
from exams.attempts import results
from exams.attempts.models import Attempt, State
from exams.bank.drafts import CannotPublish
from exams.bank.models import ItemText, OptionText
from exams.catalogue.models import Certification
from flashcards.models import Card
from flashcards.services import cards
from flashcards.services.steps import CardDraft

FRONT_MOST: Final = 4000
BACK_MOST: Final = 4000
OWN_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Made:
    """An own card, and whether this call has made it."""

    card: Card
    is_new: bool


def make(user: User, code: str, draft: CardDraft, *, domain: int | None = None) -> Card:
    """Make an own card of a person for a certification.

    Raises Refused: 404 for an unknown certification, 422 for a text that is empty, too long or shows a
    figure, 409 `too_many` above a thousand cards.
    """
    return _make(user, _certification(code), draft, domain=domain)


def change(user: User, card_id: int, draft: CardDraft) -> Card:
    """Give an own card another text; what was learned of it stays. Raises Refused as `make` does."""
    card = own_card(user, card_id)
    _add_text(card, draft, {})
    return card


def remove(user: User, card_id: int) -> None:
    """Delete an own card with its texts; reviews stay without it. Raises Refused as `own_card` does."""
    own_card(user, card_id).delete()


def own_card(user: User, card_id: int) -> Card:
    """Return an own card of a person. Raises Refused, 404, for none, somebody else's, or one of a deck."""
    card = Card.objects.select_related("certification").filter(pk=card_id, owner=user).first()
    if card is None:
        raise Refused("not_found", 404, _("Card not found."))
    return card


def from_question(user: User, attempt_id: UUID, position: int, language: str) -> Made:
    """Make a card from a question of a finished exam of this person; a second time the same card returns.

    Its front is the whole question, its back the correct options and the principle. Raises Refused:
    404 for no attempt or position of theirs, 409 `not_finished`, and 409 `exam_running` while the question
    is in an exam that the person is taking now.
    """
    found = results.review(user, attempt_id, language)
    head = found.result.head
    row = (
        FormItem.objects.filter(edition_id=head.edition_id, position=position)
        .select_related("version__item__certification", "version__item__task__domain")
        .first()
    )
    if row is None:
        raise Refused("not_found", 404, _("Question not found."))
    item = row.version.item
    if _is_asked_now(user, item.pk):
        raise Refused(
            "exam_running", 409, _("This question is in the exam you're taking. Make the card afterwards.")
        )
    known = Card.objects.filter(owner=user, certification=item.certification, item_code=item.code).first()
    if known is not None:
        return Made(known, is_new=False)
    text = _text_of(row.version_id, found.items[position - 1].solution.text.language)
    draft = CardDraft(text.language, *_sides(text))
    number = item.task.domain.number
    try:
        card = _make(
            user, item.certification, draft, domain=number, item_code=item.code, figures=text.figures
        )
    except IntegrityError:  # made by a second click in the meantime
        return Made(
            Card.objects.get(owner=user, item_code=item.code, certification=item.certification), False
        )
    card.coverage = list(item.coverage)
    card.task = item.task.code
    card.save(update_fields=["coverage", "task"])
    return Made(card, is_new=True)


def _is_asked_now(user: User, item_id: int) -> bool:
    running = Attempt.objects.filter(user=user, state=State.RUNNING).values("edition_id")
    return FormItem.objects.filter(edition_id__in=running, version__item_id=item_id).exists()


def _text_of(version_id: int, language: str) -> ItemText:
    return ItemText.objects.filter(version_id=version_id, language=language).latest("revision")


def _sides(text: ItemText) -> tuple[str, str]:
    """Return front and back of the card of a question, in Markdown."""
    keys = OptionText.objects.filter(item_text=text, option__is_key=True).order_by("option__order")
    front = f"{text.stem}\n\n{text.ask}".strip()
    return front, "\n\n".join([*(key.text for key in keys), text.principle]).strip()


def _make(
    user: User,
    certification: Certification,
    draft: CardDraft,
    *,
    domain: int | None,
    item_code: str = "",
    figures: dict[str, str] | None = None,
) -> Card:
    own = Card.objects.filter(owner=user, certification=certification)
    with transaction.atomic():
        if own.count() >= OWN_MOST:
            raise Refused(
                "too_many", 409, _("You have %(most)s cards of your own."), values={"most": OWN_MOST}
            )
        last = own.aggregate(last=Max("position"))["last"] or 0
        card = Card.objects.create(
            certification=certification, owner=user, domain=domain, item_code=item_code, position=last + 1
        )
        _add_text(card, draft, figures or {})
    return card


def _add_text(card: Card, draft: CardDraft, figures: dict[str, str]) -> None:
    if not draft.front.strip() or not draft.back.strip():
        raise Refused("empty", 422, _("A card needs a front and a back."))
    if len(draft.front) > FRONT_MOST or len(draft.back) > BACK_MOST:
        raise Refused(
            "too_long", 422, _("Each side can have at most %(most)s characters."), values={"most": FRONT_MOST}
        )
    if "\0" in draft.front + draft.back:
        raise Refused("empty", 422, _("A card can't hold this character."))
    try:
        cards.add_text(card, draft, figures)
    except CannotPublish as error:
        raise Refused("figure", 422, _("A card of your own can't show figures.")) from error


def _certification(code: str) -> Certification:
    found = Certification.objects.filter(code=code).first()
    if found is None:
        raise Refused("not_found", 404, _("Certification not found."))
    return found
