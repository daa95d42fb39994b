"""Writing cards and their texts, and taking cards out of their deck. Nobody else writes these rows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.authoring import rights
from exams.bank import markdown
from exams.catalog.models import Certification
from exams.publication import services as publication
from exams.publication.models import PublishLog
from flashcards.content.records import CardRecord, DeckRecord
from flashcards.models import Card, CardText
from flashcards.services.operations import CardDraft, CardFacts, StoredCard


def of_deck(code: str) -> QuerySet[Card]:
    """Return the cards of the deck of a certification, retired ones included."""
    return Card.objects.filter(certification__code=code, owner__isnull=True)


def current_texts(language: str = "") -> QuerySet[CardText]:
    """Return what every card says today, in one language if one is named."""
    same = CardText.objects.filter(card=OuterRef("card"), language=OuterRef("language"))
    later = Q(published_at__gt=OuterRef("published_at"))
    # Texts of one act have one time: of these the one stored last is current.
    later |= Q(published_at=OuterRef("published_at"), pk__gt=OuterRef("pk"))
    rows = CardText.objects.filter(~Exists(same.filter(later)))
    return rows.filter(language=language) if language else rows


def stored_cards(code: str) -> dict[str, StoredCard]:
    """Return the stored deck of a certification by the codes of its cards. Two statements."""
    cards = {card.pk: card for card in of_deck(code)}
    texts: dict[int, dict[str, CardDraft]] = {pk: {} for pk in cards}
    edited: dict[tuple[int, str], bool] = {}
    # What was published last is current, so later rows overwrite.
    rows = CardText.objects.filter(card_id__in=cards).order_by("published_at", "pk")
    columns = ("card_id", "log__source", "language", "front", "back", "trap")
    for card_id, source, language, *sides in rows.values_list(*columns):
        texts[card_id][language] = CardDraft(language, *sides)
        edited[card_id, language] = source not in (None, PublishLog.Source.FILES)
    # What was published or withdrawn in the admin is not overwritten by files.
    own = {card_id for (card_id, _language), is_edited in edited.items() if is_edited}
    own |= {pk for pk, card in cards.items() if card.standing_log_id}
    return {
        card.code: StoredCard(_facts(card), card.retired_at is not None, texts[pk], pk in own)
        for pk, card in cards.items()
    }


def _facts(card: Card) -> CardFacts:
    assert card.domain is not None  # noqa: S101 (for the type checker: a card of a deck has one)
    return CardFacts(
        card.domain, card.task, tuple(card.tags), tuple(card.coverage), card.is_preview, card.position
    )


def save_card(certification: Certification, code: str, facts: CardFacts) -> Card:
    """Make a card of the deck, or bring it to these facts and back into the deck."""
    card, _ = Card.objects.update_or_create(
        certification=certification,
        owner=None,
        code=code,
        defaults={
            **asdict(facts),
            # Whoever writes a card brings it back; what was decided about it before is over.
            "retired_at": None,
            "standing_log": None,
            "changed_at": Now(),
        },
    )
    return card


@transaction.atomic
def add_text(
    card: Card, draft: CardDraft, log: PublishLog | None, figures: Mapping[str, str] | None = None
) -> CardText:
    """Store what a card says as the next revision in its language, rendered and cleaned once.

    `log` is None for a card of a person's own. `figures` are the SVGs that it may show, by name. Raises
    CannotPublish where it shows another one.
    """
    # Two at once take the same number, and the unique key refuses the second.
    last = card.texts.filter(language=draft.language).aggregate(last=Max("revision"))["last"] or 0
    text = new_text(card.pk, draft, last + 1, figures)
    text.log = log
    text.save(force_insert=True)
    return text


def new_text(
    card_id: int, draft: CardDraft, revision: int, figures: Mapping[str, str] | None = None
) -> CardText:
    """Return a text of a card, rendered and cleaned, that is still to be stored.

    Raises CannotPublish where it shows a figure that is not there.
    """
    # Ids of figures begin with card and revision, so that no two on a page are the same.
    setting = markdown.Setting(figures or {}, f"card-{card_id}-{revision}", draft.language)
    html = rendered(draft, setting)
    return CardText(
        card_id=card_id,
        language=draft.language,
        revision=revision,
        front=draft.front,
        front_html=html.front,
        back=draft.back,
        back_html=html.back,
        trap=draft.trap,
        trap_html=html.trap,
        digest=draft.digest(),
    )


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a card says as HTML, cleaned."""

    front: str
    back: str
    trap: str


def rendered(draft: CardDraft, setting: markdown.Setting) -> Rendered:
    """Return what pages show of a card. Raises CannotPublish where it shows an unknown figure."""
    return Rendered(
        _front(draft.front, setting.part("f")),
        markdown.render(draft.back, setting.part("b")),
        markdown.render_inline(draft.trap),
    )


def _front(text: str, setting: markdown.Setting) -> str:
    """Return a front as a line, or as blocks where it has several paragraphs or shows something."""
    return markdown.render(text, setting) if "\n\n" in text else markdown.render_option(text, setting)


def retire(certification: Certification, code: str) -> None:
    """Take a card out of the deck; who has reviewed it keeps what they did."""
    Card.objects.filter(certification=certification, owner=None, code=code).update(retired_at=Now())


def written_decks(code: str) -> list[DeckRecord]:
    """Return the deck of each language as its author wrote it, without retired cards. Two statements."""
    in_use = [(name, card) for name, card in stored_cards(code).items() if not card.is_retired]
    in_use.sort(key=lambda pair: (pair[1].facts.position, pair[0]))
    languages = sorted({language for _name, card in in_use for language in card.texts})
    return [
        DeckRecord(
            code,
            language,
            tuple(
                _record(name, card.facts, card.texts[language])
                for name, card in in_use
                if language in card.texts
            ),
        )
        for language in languages
    ]


def _record(code: str, facts: CardFacts, text: CardDraft) -> CardRecord:
    return CardRecord(
        id=code,
        domain=facts.domain,
        task=facts.task,
        free_preview=facts.is_preview,
        front=text.front,
        back=text.back,
        trap=text.trap,
        tags=facts.tags,
        covers=facts.coverage,
    )


def withdraw(*, card_id: int, actor: User, reason: str) -> Card:
    """Take a card out of its deck. A load does not bring it back.

    Raises Refused: not_found, not_allowed, withdrawn_already.
    """
    return _set_in_use(card_id, actor, reason, is_in_use=False)


def restore(*, card_id: int, actor: User, reason: str) -> Card:
    """Bring a card back into its deck. A load does not take it out again.

    Raises Refused: not_found, not_allowed, in_use_already.
    """
    return _set_in_use(card_id, actor, reason, is_in_use=True)


def _set_in_use(card_id: int, actor: User, reason: str, *, is_in_use: bool) -> Card:
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        # A load compares with what is stored: none may be on its way.
        publication.wait_for_others()
        card = _locked(card_id)
        if is_in_use and card.retired_at is None:
            raise Refused("in_use_already", 409, _("This card is in use."))
        if not is_in_use and card.retired_at is not None:
            raise Refused("withdrawn_already", 409, _("This card is not in use."))
        log = publication.begin(PublishLog.Source.PERSON, actor=actor, reason=reason)
        retired_at = None if is_in_use else Now()
        Card.objects.filter(pk=card.pk).update(retired_at=retired_at, standing_log=log)
        audit.record(
            actor=actor,
            action="restore" if is_in_use else "withdraw",
            subject=card,
            reason=reason,
            before={"in use": not is_in_use},
            after={"in use": is_in_use},
        )
    card.refresh_from_db()
    return card


def _locked(card_id: int) -> Card:
    # Not its key: reviews that name the card are stored meanwhile.
    rows = Card.objects.select_for_update(no_key=True).filter(pk=card_id, owner__isnull=True)
    card = rows.first()
    if card is None:
        raise Refused("not_found", 404, _("Card not found."))
    return card
