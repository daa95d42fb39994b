"""A card from a question: the question in front, its keys and the principle behind them on the back."""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly import papers
from exams.assembly.models import FormItem
from exams.attempts import running_items, selectors
from exams.attempts.models import State
from exams.attempts.selectors import Head
from exams.bank.models import ItemText
from exams.catalogue.models import Certification
from exams.content.question import split_question
from exams.presentation import formatting
from flashcards.models import Card
from flashcards.services import own
from flashcards.services.own import BACK_MOST, FRONT_MOST, OwnDraft

OPENING: Final = 160
KEY: Final = "item:"
# A card has no figures; its caption says what the question showed.
FIGURE: Final = re.compile(r"!\[([^\]]*)\]\(figure:[^)]*\)")
MARKUP: Final = re.compile(r"([\\`*_\[\]<&])")
POSITIONS_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Made:
    """A card that was made from a question, and whether it is new."""

    card_id: int
    code: str
    is_new: bool


def from_item(user: User, attempt_id: UUID, position: int) -> Made:
    """Make an own card from a question of an ended exam of this person, in the wording that was answered.

    Whoever has one already gets it; one that was archived comes back. Raises Refused: 404 for another
    person's exam and for no question, 409 `not_finished` while there is no result and `held` while a
    running exam has the same question.
    """
    head = selectors.head(user, attempt_id)
    if head.state != State.SCORED:
        raise Refused("not_finished", 409, _("The exam hasn't ended yet."))
    place = _place(head, position)
    with transaction.atomic():
        own.lock(user)
        if running_items.among(user, [place.version_id]):
            detail = _(
                "An exam you're taking includes this question. "
                "You can make the card once that exam has ended."
            )
            raise Refused("held", 409, detail)
        return _make(user, head, place)


def _place(head: Head, position: int) -> FormItem:
    rows = FormItem.objects.select_related("version__item__task")
    if 1 <= position <= POSITIONS_MOST:
        found = rows.filter(edition_id=head.edition_id, position=position).first()
        if found is not None:
            return found
    raise Refused("not_found", 404, _("Question not found."))


def _make(user: User, head: Head, place: FormItem) -> Made:
    code, item = head.certification_code, place.version.item
    row = Card.objects.filter(owner=user, certification_id=head.certification_id, item_code=item.code).first()
    if row is not None:
        is_back = row.retired_at is not None
        if is_back:
            found = next(one for one in own.stored(user, code) if one.id == row.pk)
            own.change(found, found.draft)
        return Made(row.pk, code, is_back)
    text = _text(head, place)
    draft = OwnDraft(front(text), back(text), domain=place.domain_number)
    certification = Certification.objects.get(pk=head.certification_id)
    facts = {"item_code": item.code, "task": item.task.code, "coverage": list(item.coverage)}
    key = f"{KEY}{item.code}"
    card_id = own.add(user, certification, draft, key=key, language=text.language, facts=facts)
    return Made(card_id, code, is_new=True)


def _text(head: Head, place: FormItem) -> ItemText:
    text_ids = papers.get(head.paper_id).text_ids
    return ItemText.objects.get(pk__in=text_ids, version=place.version_id)


def front(text: ItemText) -> str:
    """Return the question with the opening of its setting, as Markdown of one line."""
    split = split_question(text.stem)
    ask = text.ask.strip() or f"{split.ask} {split.note}"
    opening = formatting.opening(text.stem_html, OPENING) if text.stem_html else ""
    line = f"{MARKUP.sub(r'\\\1', opening)} {FIGURE.sub(r'\1', ask)}"
    return " ".join(line.split())[:FRONT_MOST]


def back(text: ItemText) -> str:
    """Return the keys and then the principle, as Markdown."""
    rows = text.options.filter(option__is_key=True).order_by("option__order").values_list("text", flat=True)
    keys = [FIGURE.sub(r"\1", one.strip()) for one in rows]
    if len(keys) > 1:
        keys = ["\n".join("- " + key.replace("\n", "\n  ") for key in keys)]
    return "\n\n".join([*keys, FIGURE.sub(r"\1", text.principle.strip())])[:BACK_MOST].strip()
