"""Cards of a deck as a kind of draft, and which of them lack a translation."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy

from exams.authoring import schema
from exams.authoring.kinds import Content, ContentError, Current, Remark
from exams.authoring.missing_translations import MissingTranslation, Reason
from exams.catalog.models import Certification
from exams.content.markdown import prose
from exams.publication.models import PublishLog
from flashcards.content.records import CODE_LENGTH
from flashcards.models import Card, CardText
from flashcards.services import card_remarks, cards
from flashcards.services.operations import CardDraft, CardFacts
from i18n import languages

NAME: Final = "card"
WORDS: Final = ("front", "back", "trap")
SHAPE: Final = schema.fields(
    domain=schema.number(1, 99),
    task=schema.line(12),
    tags=schema.lines(40, 60),
    covers=schema.lines(40, 80),
    free_preview=schema.flag(default=False),
    position=schema.number(1, 10_000),
    texts=schema.by_key(languages.CODES, schema.fields(**dict.fromkeys(WORDS, schema.text(stripped=True)))),
)


class CardKind:
    """Cards, named by their code. What a card teaches is in each language a text of its own."""

    name = NAME
    label = gettext_lazy("Card")

    def current(self, certification: Certification, name: str) -> Current | None:
        """Return the card with its newest texts, None where there is none. Two statements."""
        if not 1 <= len(name) <= CODE_LENGTH:
            message = gettext_lazy("This has to be a code of at most %(most)s characters.")
            raise ContentError("name", message, most=CODE_LENGTH)
        card = cards.of_deck(certification.code).filter(code=name).first()
        if card is None:
            return None
        texts = newest(card)
        logs = [text.log for text in texts.values() if text.log]
        return Current(_content(card, texts), max(logs, key=lambda log: log.pk, default=None))

    def empty(self, certification: Certification) -> Content:
        """Return a card without words, behind all others."""
        # Learners meet new cards in the order of their positions.
        last = cards.of_deck(certification.code).order_by("position").last()
        return {
            "domain": 1,
            "task": "",
            "tags": [],
            "covers": [],
            "free_preview": False,
            "position": last.position + 1 if last else 1,
            "texts": {certification.original_language: dict.fromkeys(WORDS, "")},
        }

    def validate(self, content: Content) -> Content:
        """Return the content in its one shape. Raises ContentError."""
        whole: Content = SHAPE.clean(content, "")
        return whole

    def remarks(self, certification: Certification, name: str, content: Content) -> Sequence[Remark]:
        """Return what keeps the card from its deck, and where it leaves the form of one."""
        return list(card_remarks.of(certification, name, content))

    def publish(self, certification: Certification, name: str, content: Content, log: PublishLog) -> None:
        """Bring the card to what the draft says, each changed text as a revision. Raises CannotPublish."""
        known = cards.of_deck(certification.code).filter(code=name, retired_at=None).first()
        before = {language: text.digest for language, text in newest(known).items()} if known else {}
        is_moved = known is not None and _facts_of(_content(known, {})) != _facts_of(content)
        card = cards.save_card(certification, name, _facts_of(content))
        drafts = [
            CardDraft(language, **text) for language, text in content["texts"].items() if any(text.values())
        ]
        changed = [draft for draft in drafts if before.get(draft.language) != draft.digest()]
        # Facts have no entry of the log: a text that is said again tells whose they are.
        for draft in changed or (drafts[:1] if is_moved else []):
            cards.add_text(card, draft, log)


def newest(card: Card) -> dict[str, CardText]:
    """Return what a card says by language, each text as it was published last. One statement."""
    rows = CardText.objects.filter(card=card).select_related("log").order_by("published_at", "pk")
    return {text.language: text for text in rows}


def _content(card: Card, texts: dict[str, CardText]) -> dict[str, Any]:
    return {
        "domain": card.domain or 1,
        "task": card.task,
        "tags": list(card.tags),
        "covers": list(card.coverage),
        "free_preview": card.is_preview,
        "position": card.position,
        "texts": {
            language: {word: getattr(texts[language], word) for word in WORDS}
            for language in languages.CODES
            if language in texts
        },
    }


def _facts_of(content: Content) -> CardFacts:
    return CardFacts(
        domain=content["domain"],
        task=content["task"],
        tags=tuple(content["tags"]),
        coverage=tuple(content["covers"]),
        is_preview=content["free_preview"],
        position=content["position"],
    )


EXCERPT: Final = 90


@dataclass(frozen=True, slots=True)
class _Text:
    """What a card says in a language, and the entry of the log that first said it so."""

    digest: str
    front: str
    log_id: int
    at: dt.datetime


def of_cards(certification: Certification, missing_in: Sequence[str]) -> list[MissingTranslation]:
    """Return the gaps of the cards in use. One statement; what was published last of a card is current.

    A text that was only said again, since its card moved, is as old as it was.
    """
    rows = CardText.objects.filter(card__in=cards.of_deck(certification.code).filter(retired_at=None))
    newest: dict[str, dict[str, _Text]] = defaultdict(dict)
    for code, language, digest, front, log_id, at in rows.order_by("published_at", "pk").values_list(
        "card__code", "language", "digest", "front", "log_id", "published_at"
    ):
        known, text = newest[code].get(language), _Text(digest, front, log_id or 0, at)
        if known is None or known.digest != text.digest:
            newest[code][language] = text
    return [
        gap
        for code, texts in newest.items()
        if certification.original_language in texts
        for gap in _of_card(certification, code, texts, missing_in)
    ]


def _of_card(
    certification: Certification,
    code: str,
    texts: Mapping[str, _Text],
    missing_in: Sequence[str],
) -> list[MissingTranslation]:
    original = texts[certification.original_language]
    return [
        MissingTranslation(
            kind=NAME,
            name=code,
            certification=certification.code,
            language=language,
            lack=Reason.OLDER if language in texts else Reason.MISSING,
            since=original.at,
            words=prose(original.front)[:EXCERPT],
        )
        for language in missing_in
        if language not in texts or texts[language].log_id < original.log_id
    ]
