"""What the study page shows: the next card, what each rating would do, and how far the day is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from accounts.access import policy
from accounts.access.policy import Access
from accounts.base import statements
from accounts.users.models import User
from flashcards.models import CardText
from flashcards.scheduling import memory as scheduling
from flashcards.scheduling.memory import Rating
from flashcards.scheduling.queue import Entry, Queue, due_on
from flashcards.services import selectors
from flashcards.services.selectors import text_of
from flashcards.study.day import StudyDay, need_study_day

# Facts of the certification, names of its domains, the review that could be undone, and the text of the card.
# As text and prepared, since a card is rated every few seconds and planning takes longer than reading.
PAGE: Final = f"""
SELECT CASE WHEN 'retired_on' <> ALL(certification.planned_facts) THEN certification.retired_on END,
       certification.original_language, certification.vendor,
       (SELECT count(*) FROM flashcards_card deck
        WHERE deck.certification_id = certification.id AND deck.owner_id IS NULL AND deck.retired_at IS NULL),
       (SELECT json_agg(json_build_array(domain.number, name.language, name.name) ORDER BY domain.number)
        FROM exams_domain domain JOIN exams_domaintext name ON name.domain_id = domain.id
        WHERE domain.certification_id = certification.id AND domain.is_current),
       (SELECT review.id FROM flashcards_review review
        JOIN flashcards_card reviewed ON reviewed.id = review.card_id
        WHERE review.user_id = %(user)s AND review.reviewed_at >= %(start)s AND review.rating IS NOT NULL
          AND reviewed.certification_id = certification.id
          AND NOT EXISTS (SELECT FROM flashcards_review undo WHERE undo.cancels_id = review.id)
        ORDER BY review.id DESC LIMIT 1),
       text.language, text.front_html, text.back_html, text.trap_html, card.tags, card.owner_id IS NOT NULL
FROM exams_certification certification
LEFT JOIN flashcards_card card ON card.id = %(card)s
LEFT JOIN LATERAL ({text_of("card", "certification")}) text ON true
WHERE certification.id = %(certification)s
"""  # noqa: S608  (made of constants)
_TYPES: Final = {
    "user": "bigint",
    "start": "timestamptz",
    "card": "bigint",
    "language": "text",
    "certification": "bigint",
}

LONG: Final = 240


@dataclass(frozen=True, slots=True)
class CardFace:
    """What a card says, as HTML, in one language; `topics` are its tags but for the domain's."""

    language: str
    front: str
    back: str
    trap: str
    topics: tuple[str, ...]
    is_own: bool = False

    @property
    def is_long(self) -> bool:
        """Say whether the front is more than a question: it is then read in the face of a text."""
        return len(self.front) > LONG or "<p>" in self.front


@dataclass(frozen=True, slots=True)
class StudyCard:
    """The card to rate now. `number` is that of the coming review, `intervals` what each rating would do."""

    card_id: int
    number: int
    domain: int | None
    face: CardFace
    intervals: Mapping[Rating, timedelta]
    is_leech: bool

    @property
    def is_new(self) -> bool:
        """Say whether the card was never rated."""
        return self.number == 1


@dataclass(frozen=True, slots=True)
class Session:
    """A page of the study session; `card` is None when nothing is left for now.

    `undo_id` is the last review of today. `deck_size` counts the cards of the whole deck, `open_size` those
    that the person may study, own ones included.
    """

    code: str
    retired_on: date | None
    vendor: str
    day: StudyDay
    queue: Queue
    domains: tuple[tuple[int, str], ...]
    undo_id: int | None
    deck_size: int
    open_size: int
    card: StudyCard | None
    access: Access


def session(user: User, code: str, language: str, zone: ZoneInfo) -> Session:
    """Return where a person is with a certification today, and the card that comes next. Three statements.

    Raises Refused, 404, where there are no cards for them.
    """
    access = policy.access_of(user, f"cert:{code}")
    today = need_study_day(user, code, zone, granted=access.granted)
    work = today.queue
    entry = work.next(today.day)
    row = _page(user, today, entry, language)
    retired_on, original, vendor, deck_size, domains, undo_id, *face = row
    return Session(
        code=code,
        retired_on=retired_on,
        vendor=vendor,
        day=today,
        queue=work,
        domains=_domains(domains or (), language, original),
        undo_id=undo_id,
        deck_size=deck_size,
        open_size=len(today.entries),
        card=study_card(today, entry, _face(*face)) if entry and face[0] else None,
        access=access,
    )


def _page(user: User, today: StudyDay, entry: Entry | None, language: str) -> tuple[Any, ...]:
    values: dict[str, int | str | datetime | None] = {
        "user": user.pk,
        "start": today.day.start,
        "card": entry.card_id if entry else None,
        "language": language,
        "certification": today.certification_id,
    }
    row: tuple[Any, ...] = statements.first(PAGE, values, _TYPES)
    return row


def _domains(rows: Sequence[Sequence[Any]], language: str, original: str) -> tuple[tuple[int, str], ...]:
    by_number: dict[int, dict[str, str]] = {}
    for number, code, name in rows:
        by_number.setdefault(number, {})[code] = name
    return tuple(
        (number, names.get(language) or names.get(original) or next(iter(names.values())))
        for number, names in by_number.items()
    )


def _face(language: str, front: str, back: str, trap: str, tags: Sequence[str], is_own: bool) -> CardFace:
    return CardFace(language, front, back, trap, topics_of(tags), is_own)


def topics_of(tags: Sequence[str]) -> tuple[str, ...]:
    """Return the tags of a card as words, without the one that names its domain."""
    return tuple(tag.replace("-", " ") for tag in tags if not tag.startswith("domain-"))


def study_card(today: StudyDay, entry: Entry, face: CardFace) -> StudyCard:
    """Return a card of the day with what each rating would do, its last look before an exam included."""
    # At the moment of the database by which the card was chosen, so that the button keeps its word.
    now = today.day.now
    rate = partial(scheduling.review, entry.memory, at=now, key=str(entry.card_id), retention=today.retention)
    return StudyCard(
        card_id=entry.card_id,
        number=(entry.memory.reps if entry.memory else 0) + 1,
        domain=entry.domain,
        face=face,
        intervals={
            rating: max(due_on(today.day, rate(rating), entry.position) - now, timedelta(0))
            for rating in Rating
        },
        is_leech=entry.is_leech,
    )


def faces(card_ids: Iterable[int], language: str) -> dict[int, CardFace]:
    """Return what these cards say, by their ids, in the language or in the original. One statement.

    Whoever calls has made sure that the cards may be read.
    """
    texts = selectors.read_texts(CardText.objects.filter(card__in=card_ids), language)
    columns = ("card_id", "card__owner", "card__tags", "language", "front_html", "back_html", "trap_html")
    return {
        card_id: CardFace(text_language, front, back, trap, topics_of(tags), owner is not None)
        for card_id, owner, tags, text_language, front, back, trap in texts.values_list(*columns)
    }
