"""A review with everything beside its questions: what the reader said, what changed, how others answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.access import policy
from accounts.users.models import User
from exams.assembly import selectors as assembly
from exams.attempts.results import Review, ReviewItem
from exams.feedback import changes, selectors, shares
from exams.feedback.changes import Change
from exams.feedback.selectors import NOTHING, Own
from exams.presentation import sections


@dataclass(frozen=True, slots=True)
class Chosen:
    """How many people chose an option."""

    letter: str
    chosen: int


@dataclass(frozen=True, slots=True)
class Others:
    """How people answered on their first try; `answers` is how many did."""

    answers: int
    options: tuple[Chosen, ...]


@dataclass(frozen=True, slots=True)
class TaughtItem:
    """A question of a review with what is beside it."""

    item: ReviewItem
    own: Own
    changed: Change | None
    others: Others | None
    learn: Sequence[sections.Link]


@dataclass(frozen=True, slots=True)
class TaughtReview:
    """A review whose questions have everything beside them."""

    review: Review
    items: tuple[TaughtItem, ...]


def of_review(user: User, found: Review, ui_language: str) -> TaughtReview:
    """Return a review of this person with everything beside its questions.

    Two statements, more once a minute.
    `results.review` has made sure that the person is not taking an exam with these items.
    """
    head = found.result.head
    placed = assembly.places_in(head.edition_id)
    own = selectors.of_places(user, placed)
    changed = changes.of_paper(found.paper_id)
    shared = shares.of_versions(tuple(place.version_id for place in placed))
    taught = sections.links_of_each(
        head.certification_code,
        [place.coverage for place in placed],
        ui_language,
        granted=policy.has_access(user, f"cert:{head.certification_code}"),
    )
    items = (
        TaughtItem(
            item=item,
            own=own.get(place.position, NOTHING),
            changed=changed.get(place.position),
            others=_others(shared.get(place.version_id), item),
            learn=links,
        )
        for item, place, links in zip(found.items, placed, taught, strict=True)
    )
    return TaughtReview(found, tuple(items))


def _others(found: shares.Shares | None, item: ReviewItem) -> Others | None:
    if found is None:
        return None
    options = item.solution.text.options
    return Others(found.answers, tuple(Chosen(one.letter, found.chosen.get(one.id, 0)) for one in options))
