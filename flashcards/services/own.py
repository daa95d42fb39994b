"""Own cards: made, also from a question, changed, taken out, listed.

A card keeps the language in which it was made. A lock of the person lets only one of two requests write at a
time, so that limits are kept; that no card is made twice is seen to by unique keys.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.base import locks, statements
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly import papers, solutions
from exams.assembly.models import FormItem
from exams.attempts import drills, running_items, selectors
from exams.attempts.models import Mode, State
from exams.bank import markdown, rulings
from exams.bank.models import Item, ItemText, ItemVersion
from exams.catalog.models import Certification
from exams.content.markdown import kinds_of
from exams.presentation import formatting
from flashcards.models import KEY_LENGTH, Card, CardText
from flashcards.services import cards
from flashcards.services.cards import Rendered
from flashcards.services.csv_file import CONTROL
from flashcards.services.operations import CardDraft
from flashcards.services.selectors import CARD_IS_HELD

FRONT_MOST: Final = 4_000
# So much of a front is shown in a list.
OPENING: Final = 160
BACK_MOST: Final = 4_000
TAGS_MOST: Final = 10
TAG_MOST: Final = 40
CARDS_MOST: Final = 1_000
# With those taken out, which come back when they are made again.
STORED_MOST: Final = 3 * CARDS_MOST
REVISIONS_MOST: Final = 20
# One text a card: the revision that was published last, whatever its language. As text, since the ORM takes
# more than 1 ms of the processor to build it.
OWN: Final = f"""
SELECT text.front, text.back, card.tags, card.domain, card.item_code, card.retired_at IS NOT NULL,
       card.id, card.key, text.language, text.revision, text.front_html, text.back_html,
       EXISTS (SELECT FROM flashcards_suspendedcard WHERE card_id = card.id AND user_id = card.owner_id)
FROM flashcards_card card
JOIN exams_certification certification ON certification.id = card.certification_id
JOIN LATERAL (
  SELECT * FROM flashcards_cardtext WHERE card_id = card.id ORDER BY published_at DESC, id DESC LIMIT 1
) text ON true
WHERE card.owner_id = %(user)s AND certification.code = %(code)s AND NOT {CARD_IS_HELD}
  AND (%(card)s IS NULL OR card.id = %(card)s) AND (%(key)s IS NULL OR card.key = %(key)s)
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

    draft: OwnDraft
    from_item: bool
    is_archived: bool
    id: int
    key: str
    language: str
    revision: int
    front_html: str
    back_html: str
    is_suspended: bool

    @property
    def opening(self) -> str:
        """Return how its front begins, as plain text."""
        return formatting.opening(self.front_html, OPENING)

    def differs(self, draft: OwnDraft) -> bool:
        """Say whether the card is to be changed."""
        return self.draft != draft or self.is_archived


def stored(
    user: User, code: str, *, card_id: int | None = None, key: str | None = None
) -> tuple[OwnCard, ...]:
    """Return own cards of a certification in order, or the one named, archived ones included. One statement.

    Those that tell the answer to a question of an exam being taken are left out until it has ended.
    """
    values = {"user": user.pk, "code": code, "card": card_id, "key": key}
    return tuple(_own(*row) for row in statements.rows(OWN, values))


def _own(
    front: str,
    back: str,
    tags: list[str],
    domain: int | None,
    item_code: str,
    *same: Any,  # noqa: ANN401
) -> OwnCard:
    # The tag of the domain is made of it, so its owner need not see it.
    own = tuple(tag for tag in tags if not tag.startswith("domain-"))
    return OwnCard(OwnDraft(front, back, own, domain), bool(item_code), *same)


def listed(user: User, code: str) -> tuple[OwnCard, ...]:
    """Return the own cards of a certification that are not archived, in order. One statement."""
    return tuple(card for card in stored(user, code) if not card.is_archived)


def get(user: User, code: str, card_id: int) -> OwnCard:
    """Return one own card. One statement. Raises Refused, 404, for any other and while an exam holds it."""
    for card in stored(user, code, card_id=card_id):
        if not card.is_archived:
            return card
    raise Refused("not_found", 404, _("Card not found."))


def domains_of(certification: Certification) -> frozenset[int]:
    """Return the numbers of the domains that a card may be put into. One statement."""
    return frozenset(certification.domains.filter(is_current=True).values_list("number", flat=True))


def key_of(front: str) -> str:
    """Return what a card is known by in files that do not name it."""
    # Lines break elsewhere in another file.
    return hashlib.sha256(" ".join(front.split()).encode()).hexdigest()[:32]


def create(user: User, code: str, draft: OwnDraft, *, language: str) -> int:
    """Make a card and return its number.

    Raises Refused: 404, 422 for a text that is not allowed, 409 `exists` for one whose front there is already
    and `too_many_cards`. A card that was archived with this front comes back.
    """
    certification = drills.certification(code, user)
    draft = checked(draft, domains_of(certification))
    with transaction.atomic():
        lock(user)
        key = key_of(draft.front)
        same = next(iter(stored(user, code, key=key)), None)
        if same and same.is_archived:
            write(user, certification, language, changed=[(same, draft)])
            return same.id
        if same and same.draft.front == draft.front:
            raise Refused("exists", 409, _("You already have a card with this front."))
        room = room_of(user, certification)
        room.take()
        # The card that has the key of this front may say something else by now.
        keys = (f"{key}-{number}" if number > 1 else key for number in count(1))
        free = next(name for name in keys if name not in room.keys)
        [card_id] = write(user, certification, language, [(free, draft)])
        return card_id


def update(user: User, code: str, card_id: int, draft: OwnDraft) -> None:
    """Change a card. Raises Refused: 404, or 422 for a text that is not allowed."""
    certification = drills.certification(code, user)
    draft = checked(draft, domains_of(certification))
    with transaction.atomic():
        lock(user)
        card = get(user, code, card_id)
        if card.differs(draft):
            write(user, certification, card.language, changed=[(card, draft)])


def archive(user: User, code: str, card_id: int) -> None:
    """Take a card out of study and lists; its reviews stay in the log. Raises Refused, 404."""
    with transaction.atomic():
        lock(user)
        card = get(user, code, card_id)
        # Not deleted: the log of reviews would no longer say which card was rated.
        Card.objects.filter(pk=card.id).update(retired_at=Now(), changed_at=Now())


def lock(user: User) -> None:
    """Let no other request of this person write own cards until the end of this transaction."""
    # Of the person, not of a card: limits are about all of them, and a new one has no row yet.
    locks.hold(f"flashcards:own:{user.pk}")


def checked(draft: OwnDraft, domains: frozenset[int]) -> OwnDraft:
    """Return what may be stored, without spaces around it. Raises Refused, 422, named as the field."""
    front = _text("front", draft.front, FRONT_MOST)
    back = _text("back", draft.back, BACK_MOST)
    if draft.domain is not None and draft.domain not in domains:
        raise Refused("domain", 422, _("This domain doesn't exist."))
    # Figures belong to questions, so a card has none to show.
    if "figure" in kinds_of(front, back):
        raise Refused("figure", 422, _("Your own cards can't show figures."))
    # Only what has several paragraphs keeps its lines: code and tables need them.
    line = front if "\n\n" in front else " ".join(front.split())
    return OwnDraft(line, back, _tags(draft.tags), draft.domain)


def preview(draft: OwnDraft, domains: frozenset[int], language: str) -> Rendered:
    """Return both sides of a draft as pages would show them. Raises Refused, 422, as `checked` does."""
    draft = checked(draft, domains)
    setting = markdown.Setting({}, "preview", language)
    return cards.rendered(CardDraft(language, draft.front, draft.back), setting)


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


@dataclass(slots=True)
class Room:
    """The keys of the cards that are stored, how many there are in all and not archived."""

    keys: frozenset[str]
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
    """Return which cards a person has, under the lock, those that are held too. One statement."""
    rows = Card.objects.filter(owner=user, certification=certification).values_list("key", "retired_at")
    retired = dict(rows)
    return Room(frozenset(retired), len(retired), list(retired.values()).count(None))


def write(
    user: User,
    certification: Certification,
    language: str,
    new: Sequence[tuple[str, OwnDraft]] = (),
    changed: Sequence[tuple[OwnCard, OwnDraft]] = (),
    **facts: Any,  # noqa: ANN401
) -> list[int]:
    """Store checked drafts under the lock: new ones by their keys, and of cards, which leave the archive.

    Return the numbers of the new cards. As many statements for one card as for hundreds. `facts` are columns
    of new cards that their owner does not write.
    """
    known = Card.objects.filter(owner=user, certification=certification)
    last = (known.aggregate(last=Max("position"))["last"] or 0) if new else 0
    added = Card.objects.bulk_create(
        Card(
            certification=certification,
            owner=user,
            key=key[:KEY_LENGTH],
            domain=draft.domain,
            tags=_tags_of(draft),
            position=position,
            **facts,
        )
        for position, (key, draft) in enumerate(new, last + 1)
    )
    rows = [Card(pk=card.id, domain=draft.domain, tags=_tags_of(draft)) for card, draft in changed]
    Card.objects.bulk_update(rows, ["domain", "tags"])
    Card.objects.filter(pk__in=[row.pk for row in rows]).update(retired_at=None, changed_at=Now())
    texts = [(row.pk, 1, language, draft) for row, (_key, draft) in zip(added, new, strict=True)]
    for card, draft in changed:
        if (card.draft.front, card.draft.back) != (draft.front, draft.back):
            texts.append((card.id, card.revision + 1, card.language, draft))
    _publish(texts)
    return [card.pk for card in added]


def _tags_of(draft: OwnDraft) -> list[str]:
    """Return the tags of a card, that of its domain first, as cards of a deck have them."""
    return [*([f"domain-{draft.domain}"] if draft.domain else []), *draft.tags]


def _publish(texts: Sequence[tuple[int, int, str, OwnDraft]]) -> None:
    """Store what cards say now; of what they said before only the newest revisions are kept."""
    CardText.objects.bulk_create(
        cards.new_text(card_id, CardDraft(language, draft.front, draft.back), revision)
        for card_id, revision, language, draft in texts
    )
    # Whoever edits a card without end does not fill the table.
    same = CardText.objects.filter(card=OuterRef("card")).order_by("-revision")
    newest = Subquery(same.values("revision")[:1])
    ids = [card_id for card_id, *_text in texts]
    CardText.objects.filter(card__in=ids, revision__lte=newest - REVISIONS_MOST).delete()


KEY: Final = "item:"
# A card has no figures; its caption says what the question showed.
FIGURE: Final = re.compile(r"!\[([^\]]*)\]\(figure:[^)]*\)")
POSITIONS_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class ItemCard:
    """What a card of a question would say, in the wording that was answered, and the card that there is.

    `by_question` asks the whole question, `by_principle` what it teaches.
    """

    item: Item
    language: str
    by_question: OwnDraft
    by_principle: OwnDraft
    card_id: int | None
    is_archived: bool


@dataclass(frozen=True, slots=True)
class Made:
    """A card that was made from a question, and whether it is new."""

    card_id: int
    is_new: bool


def item_card(user: User, attempt_id: UUID, position: int) -> ItemCard:
    """Return the card that a question of an ended exam or drill of this person would make.

    Of a running drill, a question whose answer was shown. Raises Refused: 404 for another person's attempt
    and for no question, 409 `not_finished` while the answer is secret and `held` while a running exam has the
    same question.
    """
    place = _place(user, attempt_id, position)
    if running_items.among(user, [place.version.pk]):
        detail = _(
            "An exam you're taking includes this question. You can make the card once that exam has ended."
        )
        raise Refused("held", 409, detail)
    item = place.version.item
    text = ItemText.objects.get(pk__in=place.text_ids, version=place.version)
    keys, principle = _keys(text), _without_figures(text.principle)
    stem = "\n\n".join(part for side in (text.stem, text.ask) if (part := _without_figures(side)))
    with override(text.language):
        prompt = str(_("When does this matter? Think of an example."))
    rows = Card.objects.filter(owner=user, certification_id=item.certification_id, item_code=item.code)
    card_id, retired_at = rows.values_list("pk", "retired_at").first() or (None, None)
    return ItemCard(
        item,
        text.language,
        _draft(stem, f"{keys}\n\n{principle}", place.domain),
        _draft(f"{principle}\n\n{prompt}", f"{stem}\n\n{keys}", place.domain),
        card_id,
        retired_at is not None,
    )


def from_item(user: User, attempt_id: UUID, position: int, draft: OwnDraft | None = None) -> Made:
    """Make an own card from a question that `item_card` takes: the draft, or what asks the question.

    Whoever has one already gets it; one that was archived comes back. Raises Refused as `item_card` does,
    422 for a text that is not allowed and 409 `too_many_cards`.
    """
    with transaction.atomic():
        lock(user)
        source = item_card(user, attempt_id, position)
        if source.card_id is not None and not source.is_archived:
            return Made(source.card_id, is_new=False)
        certification = source.item.certification
        draft = checked(draft or source.by_question, domains_of(certification))
        if source.card_id is not None:
            [card] = stored(user, certification.code, card_id=source.card_id)
            write(user, certification, card.language, changed=[(card, draft)])
            return Made(card.id, is_new=True)
        room_of(user, certification).take()
        [card_id] = write(
            user,
            certification,
            source.language,
            [(f"{KEY}{source.item.code}", draft)],
            item_code=source.item.code,
            task=source.item.task.code,
            coverage=list(source.item.coverage),
        )
    return Made(card_id, is_new=True)


@dataclass(frozen=True, slots=True)
class _Place:
    """A question of an attempt: its version, the number of its domain, and the texts of the paper."""

    version: ItemVersion
    domain: int
    text_ids: tuple[int, ...]


def _place(user: User, attempt_id: UUID, position: int) -> _Place:
    try:
        exam = selectors.head(user, attempt_id)
    except Refused:
        return _drill_place(user, attempt_id, position)
    # Before there is a score its keys are secret (G5).
    if exam.state != State.SCORED:
        raise _not_finished()
    rows = FormItem.objects.select_related("version__item__task", "version__item__certification")
    # A larger number would not fit the column, and names no question.
    if 1 <= position <= POSITIONS_MOST:
        place = rows.filter(edition_id=exam.edition_id, position=position).first()
        if place is not None:
            # It may be an older revision or another language than that of today.
            return _Place(place.version, place.domain_number, papers.compiled(exam.paper_id).text_ids)
    raise _no_question()


def _drill_place(user: User, attempt_id: UUID, position: int) -> _Place:
    taking = selectors.taking(user, attempt_id, Mode.DRILL)
    order = papers.order(taking.head.paper_id)
    if not 1 <= position <= len(order.version_ids):
        raise _no_question()
    # In tutor mode, what is answered was shown with its key, and never changes.
    is_shown = taking.drill and taking.drill.head.at_once and position in taking.answers
    if taking.head.state != State.SCORED and not is_shown:
        raise _not_finished()
    rows = ItemVersion.objects.select_related("item__task__domain", "item__certification")
    version = rows.get(pk=order.version_ids[position - 1])
    return _Place(version, version.item.task.domain.number, order.text_ids)


def _not_finished() -> Refused:
    return Refused("not_finished", 409, _("The exam hasn't ended yet."))


def _no_question() -> Refused:
    return Refused("not_found", 404, _("Question not found."))


def _keys(text: ItemText) -> str:
    """Return the options that are correct by what is ruled now as Markdown, several as a list."""
    [key] = solutions.ruled_keys([text.version_id], rulings.in_force(rulings.newest()))
    rows = text.options.filter(option__in=key.options).order_by("option__order")
    keys = [_without_figures(row.text) for row in rows]
    return keys[0] if len(keys) == 1 else "\n".join("- " + key.replace("\n", "\n  ") for key in keys)


def _without_figures(markdown: str) -> str:
    return FIGURE.sub(r"\1", markdown.strip())


def _draft(front: str, back: str, domain: int) -> OwnDraft:
    return OwnDraft(front[:FRONT_MOST].strip(), back[:BACK_MOST].strip(), domain=domain)
