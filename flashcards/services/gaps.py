"""Which cards of a deck lack a translation, or have one of an older original."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from exams.authoring.missing_translations import MissingTranslation, Reason
from exams.catalogue.models import Certification
from exams.content.markdown import prose
from flashcards.models import CardText
from flashcards.services import cards
from flashcards.services.drafts import NAME

SHOWN: Final = 90


@dataclass(frozen=True, slots=True)
class _Said:
    """What a card says in a language, and the entry of the log that first said it so."""

    digest: str
    front: str
    log_id: int
    at: dt.datetime


def of_cards(certification: Certification, wanted: Sequence[str]) -> list[MissingTranslation]:
    """Return the gaps of the cards in use. One statement; what was published last of a card is current.

    A text that was only said again, since its card moved, is as old as it was.
    """
    rows = CardText.objects.filter(card__in=cards.of_deck(certification.code).filter(retired_at=None))
    newest: dict[str, dict[str, _Said]] = defaultdict(dict)
    for code, language, digest, front, log_id, at in rows.order_by("published_at", "pk").values_list(
        "card__code", "language", "digest", "front", "log_id", "published_at"
    ):
        known, one = newest[code].get(language), _Said(digest, front, log_id or 0, at)
        if known is None or known.digest != one.digest:
            newest[code][language] = one
    return [
        gap
        for code, texts in newest.items()
        if certification.original_language in texts
        for gap in _of_card(certification, code, texts, wanted)
    ]


def _of_card(
    certification: Certification,
    code: str,
    texts: Mapping[str, _Said],
    wanted: Sequence[str],
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
            words=prose(original.front)[:SHOWN],
        )
        for language in wanted
        if language not in texts or texts[language].log_id < original.log_id
    ]
