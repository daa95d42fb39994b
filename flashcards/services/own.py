"""Own cards: made, also from a question, changed, taken out, listed.

A card keeps the language in which it was made. A lock of the person lets only one of two requests write at a
time, so that limits are kept; that no card is made twice is seen to by unique keys.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly import papers
from exams.assembly.models import FormItem
from exams.attempts import running_items, selectors
from exams.attempts.models import State
from exams.attempts.selectors import Head
from exams.bank.drafts import CannotPublish
from exams.bank.models import ItemText
from exams.catalogue import selectors as catalogue
from exams.catalogue.models import Certification
from exams.content.question import split_question
from exams.presentation import formatting
from flashcards.models import KEY_LENGTH, Card, CardText
from flashcards.services import cards
from flashcards.services.csv_file import CONTROL
from flashcards.services.operations import CardDraft
from flashcards.services.sql import CARD_IS_HELD

FRONT_MOST: Final = 1_000
BACK_MOST: Final = 4_000
TAGS_MOST: Final = 10
TAG_MOST: Final = 40
CARDS_MOST: Final = 1_000
# With those taken out, which come back when they are made again.
STORED_MOST: Final = 3 * CARDS_MOST
REVISIONS_MOST: Final = 20
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('flashcards:own:' || %s, 0))"
# One text a card: the revision that was published last, whatever its language.
OWN: Final = f"""
SELECT card.id, card.key, card.domain, card.tags, card.item_code, card.retired_at IS NOT NULL,
       text.language, text.revision, text.front, text.back, text.front_html, text.back_html
FROM flashcards_card card
JOIN exams_certification certification ON certification.id = card.certification_id
JOIN LATERAL (
  SELECT * FROM flashcards_cardtext WHERE card_id = card.id ORDER BY published_at DESC, id DESC LIMIT 1
) text ON true
WHERE card.owner_id = %(user)s AND certification.code = %(code)s AND NOT {CARD_IS_HELD}
ORDER BY card.position, card.id
"""  # noqa: S608  (made of constants)


@dataclass(frozen=True, slots=True)
class OwnDraft:
    """What its owner writes on a card: front and back as Markdown, tags, a domain by number or None."""

    front: str
    back: str
    tags: tuple[str, ...] = ()
    domain: int | None = None


@dataclass(frozen=True, slots=True)
class OwnCard:
    """An own card as it is now. `from_item` says that it was made from a question."""

    id: int
    key: str
    draft: OwnDraft
    from_item: bool
    is_archived: bool
    language: str
    revision: int
    front_html: str
    back_html: str


def stored(user: User, code: str) -> tuple[OwnCard, ...]:
    """Return all own cards of a certification in order, archived ones included. One statement.

    Those that tell the answer to a question of an exam being taken are left out until it has ended.
    """
    with connection.cursor() as cursor:
        cursor.execute(OWN, {"user": user.pk, "code": code})
        rows = cursor.fetchall()
    return tuple(_own(*row) for row in rows)


def _own(
    pk: int,
    key: str,
    domain: int | None,
    tags: list[str],
    item_code: str,
    archived: bool,
    *text: Any,  # noqa: ANN401
) -> OwnCard:
    language, revision, front, back, front_html, back_html = text
    # The tag of the domain is made of it, so its owner need not see it.
    shown = tuple(tag for tag in tags if not tag.startswith("domain-"))
    draft = OwnDraft(front, back, shown, domain)
    return OwnCard(pk, key, draft, bool(item_code), archived, language, revision, front_html, back_html)


def listed(user: User, code: str) -> tuple[OwnCard, ...]:
    """Return the own cards of a certification that are not archived, in order. One statement."""
    return tuple(card for card in stored(user, code) if not card.is_archived)


def get(user: User, code: str, card_id: int) -> OwnCard:
    """Return one own card. One statement. Raises Refused, 404, for any other and while an exam holds it."""
    card = next((card for card in listed(user, code) if card.id == card_id), None)
    if card is None:
        raise not_found()
    return card


def not_found() -> Refused:
    """Return the refusal of a card that is absent, archived or somebody else's."""
    return Refused("not_found", 404, _("Card not found."))


def certification_of(code: str, user: User) -> Certification:
    """Return a certification that the person finds. Raises Refused, 404."""
    certification = Certification.objects.filter(code=code).first()
    if certification is None or not catalogue.sees(user, certification):
        raise Refused("not_found", 404, _("Certification not found."))
    return certification


def domains_of(certification: Certification) -> frozenset[int]:
    """Return the numbers of the domains that a card may be put into. One statement."""
    return frozenset(certification.domains.filter(is_current=True).values_list("number", flat=True))


def key_of(front: str) -> str:
    """Return what a card is known by in files that do not name it."""
    return hashlib.sha256(front.encode()).hexdigest()[:32]


def create(user: User, code: str, draft: OwnDraft, *, language: str) -> int:
    """Make a card and return its number.

    Raises Refused: 404, 422 for a text that is not allowed, 409 `exists` for one whose front there is already
    and `too_many_cards`. A card that was archived with this front comes back.
    """
    certification = certification_of(code, user)
    draft = checked(draft, domains_of(certification))
    with transaction.atomic():
        lock(user)
        known = {card.key: card for card in stored(user, code)}
        key = key_of(draft.front)
        same = known.get(key)
        if same and not same.is_archived:
            if same.draft.front == draft.front:
                raise Refused("exists", 409, _("You already have a card with this front."))
            key, same = _free_key(key, known), None
        if same is None:
            return add(user, certification, draft, key=key, language=language)
        change(same, draft)
    return same.id


def _free_key(key: str, known: Mapping[str, OwnCard]) -> str:
    """Return another key: the card that has this one says something else by now."""
    return next(name for number in range(2, len(known) + 3) if (name := f"{key}-{number}") not in known)


def update(user: User, code: str, card_id: int, draft: OwnDraft) -> None:
    """Change a card. Raises Refused: 404, or 422 for a text that is not allowed."""
    certification = certification_of(code, user)
    draft = checked(draft, domains_of(certification))
    with transaction.atomic():
        lock(user)
        change(get(user, code, card_id), draft)


def archive(user: User, code: str, card_id: int) -> None:
    """Take a card out of study and lists; its reviews stay in the log. Raises Refused, 404."""
    with transaction.atomic():
        lock(user)
        card = get(user, code, card_id)
        Card.objects.filter(pk=card.id).update(retired_at=Now(), changed_at=Now())


def lock(user: User) -> None:
    """Let no other request of this person write own cards until the end of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [str(user.pk)])


def checked(draft: OwnDraft, domains: frozenset[int]) -> OwnDraft:
    """Return what may be stored, without spaces around it. Raises Refused, 422, named as the field."""
    front = _text("front", draft.front, FRONT_MOST)
    back = _text("back", draft.back, BACK_MOST)
    if draft.domain is not None and draft.domain not in domains:
        raise Refused("domain", 422, _("This domain doesn't exist."))
    return OwnDraft(" ".join(front.split()), back, _tags(draft.tags), draft.domain)


def _text(field: str, text: str, most: int) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Refused(field, 422, _("A card needs a front and a back."))
    if len(text) > most:
        values = {"length": len(text), "most": most}
        if field == "front":
            detail = _("The front has %(length)s characters. At most %(most)s are allowed.")
        else:
            detail = _("The back has %(length)s characters. At most %(most)s are allowed.")
        raise Refused(field, 422, detail, values=values)
    if CONTROL.search(text):
        raise Refused(field, 422, _("The text has a character that can't be shown."))
    return text


def _tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name for tag in tags if (name := "-".join(tag.split()))))
    too_long = any(len(tag) > TAG_MOST for tag in names)
    if len(names) > TAGS_MOST or too_long or any(CONTROL.search(tag) for tag in names):
        values = {"most": TAGS_MOST, "length": TAG_MOST}
        detail = _("Use at most %(most)s tags of up to %(length)s characters each.")
        raise Refused("tags", 422, detail, values=values)
    return tuple(tag for tag in names if not tag.startswith("domain-"))


def add(
    user: User,
    certification: Certification,
    draft: OwnDraft,
    *,
    key: str,
    language: str,
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Store a card that was checked, under the lock, and return its number. Raises Refused.

    `facts` are columns of the card that its owner does not write.
    """
    room_of(user, certification).take()
    [card_id] = add_rows(user, certification, [(key, draft)], facts)
    publish([text_of(card_id, 1, language, draft)])
    return card_id


@dataclass(slots=True)
class Room:
    """How many cards there are, in all and not archived, and whether one more may be stored."""

    stored: int
    active: int

    def take(self) -> None:
        """Count one more card. Raises Refused 409."""
        if self.stored >= STORED_MOST or self.active >= CARDS_MOST:
            detail = _("You can have at most %(most)s cards of your own.")
            raise Refused("too_many_cards", 409, detail, values={"most": CARDS_MOST})
        self.stored += 1
        self.active += 1


def room_of(user: User, certification: Certification) -> Room:
    """Return how many cards a person has, under the lock. One statement."""
    retired = list(stored_rows(user, certification).values())
    return Room(len(retired), retired.count(None))


def stored_rows(user: User, certification: Certification) -> dict[str, dt.datetime | None]:
    """Return by key when each card was archived, those that are held too. One statement."""
    known = Card.objects.filter(owner=user, certification=certification)
    return dict(known.values_list("key", "retired_at"))


def add_rows(
    user: User,
    certification: Certification,
    drafts: Sequence[tuple[str, OwnDraft]],
    facts: Mapping[str, Any] | None = None,
) -> list[int]:
    """Store cards by their keys, still without texts, under the lock; return their numbers.

    Two statements, none for no cards.
    """
    if not drafts:
        return []
    known = Card.objects.filter(owner=user, certification=certification)
    last = known.aggregate(last=Max("position"))["last"] or 0
    rows = [
        Card(
            certification=certification,
            owner=user,
            key=key[:KEY_LENGTH],
            domain=draft.domain,
            tags=tags_of(draft),
            position=position,
            **(facts or {}),
        )
        for position, (key, draft) in enumerate(drafts, last + 1)
    ]
    return [card.pk for card in Card.objects.bulk_create(rows)]


def change(card: OwnCard, draft: OwnDraft) -> bool:
    """Bring a card to what was checked, under the lock, out of the archive too; say whether it differed."""
    if not differs(card, draft):
        return False
    change_rows([(card, draft)])
    if (text := changed_text(card, draft)) is not None:
        publish([text])
    return True


def differs(card: OwnCard, draft: OwnDraft) -> bool:
    """Say whether a card is to be changed."""
    return card.draft != draft or card.is_archived


def change_rows(drafts: Sequence[tuple[OwnCard, OwnDraft]]) -> None:
    """Bring cards, but not their texts, to what was checked. Two statements, none for no cards."""
    if not drafts:
        return
    rows = [Card(pk=card.id, domain=draft.domain, tags=tags_of(draft)) for card, draft in drafts]
    Card.objects.bulk_update(rows, ["domain", "tags"])
    Card.objects.filter(pk__in=[row.pk for row in rows]).update(retired_at=None, changed_at=Now())


def changed_text(card: OwnCard, draft: OwnDraft) -> CardText | None:
    """Return the next text of a card, None where it says the same. Raises Refused 422."""
    if (card.draft.front, card.draft.back) == (draft.front, draft.back):
        return None
    return text_of(card.id, card.revision + 1, card.language, draft)


def tags_of(draft: OwnDraft) -> list[str]:
    """Return the tags of a card, that of its domain first, as cards of a deck have them."""
    return [*([f"domain-{draft.domain}"] if draft.domain else []), *draft.tags]


def text_of(card_id: int, revision: int, language: str, draft: OwnDraft) -> CardText:
    """Return what a card is to say. Raises Refused 422."""
    try:
        return cards.new_text(card_id, CardDraft(language, draft.front, draft.back), revision)
    except CannotPublish as error:
        raise Refused("figure", 422, _("Your own cards can't show figures.")) from error


def publish(texts: Sequence[CardText]) -> None:
    """Store what cards say now; of what they said before only the newest revisions are kept.

    Two statements, none for no texts.
    """
    if not texts:
        return
    CardText.objects.bulk_create(texts)
    same = CardText.objects.filter(card=OuterRef("card")).order_by("-revision")
    newest = Subquery(same.values("revision")[:1])
    ids = [text.card_id for text in texts]
    CardText.objects.filter(card__in=ids, revision__lte=newest - REVISIONS_MOST).delete()


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
        lock(user)
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
            found = next(one for one in stored(user, code) if one.id == row.pk)
            change(found, found.draft)
        return Made(row.pk, code, is_back)
    text = _item_text(head, place)
    draft = OwnDraft(front(text), back(text), domain=place.domain_number)
    certification = Certification.objects.get(pk=head.certification_id)
    facts = {"item_code": item.code, "task": item.task.code, "coverage": list(item.coverage)}
    key = f"{KEY}{item.code}"
    card_id = add(user, certification, draft, key=key, language=text.language, facts=facts)
    return Made(card_id, code, is_new=True)


def _item_text(head: Head, place: FormItem) -> ItemText:
    text_ids = papers.compiled(head.paper_id).text_ids
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
