"""What is said beside the questions of a review: what changed, how others answered, where it is taught."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from accounts.access import policy
from accounts.users.models import User
from exams.assembly import papers
from exams.assembly import selectors as assembly
from exams.attempts.results import Review, ReviewItem
from exams.feedback import changes, response_distribution, selectors
from exams.feedback.changes import Change
from exams.feedback.response_distribution import Distribution
from exams.feedback.selectors import NOTHING, Own
from exams.presentation import sections


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is said beside one question, the same for every reader with the same access."""

    changed: Change | None
    others: Distribution | None
    learn: Sequence[sections.Link]


@dataclass(frozen=True, slots=True)
class OptionCount:
    """How many people chose an option."""

    letter: str
    chosen: int


@dataclass(frozen=True, slots=True)
class Others:
    """How people answered on their first try; `answers` is how many did."""

    answers: int
    options: tuple[OptionCount, ...]


@dataclass(frozen=True, slots=True)
class AnnotatedItem:
    """A question of a review with what is said beside it, and what the reader has said about it."""

    item: ReviewItem
    own: Own
    changed: Change | None
    others: Others | None
    learn: Sequence[sections.Link]


@dataclass(frozen=True, slots=True)
class AnnotatedReview:
    """A review whose questions have everything beside them."""

    review: Review
    items: tuple[AnnotatedItem, ...]


def of_paper(paper_id: int, code: str, ui_language: str, *, granted: bool) -> Sequence[Annotation]:
    """Return the annotations of a paper by position. A handful of queries, once a minute in a process.

    `granted` says whether the reader may open the certification. Never for a reader who is taking an exam
    with these items: it tells keys.
    """
    return _read(paper_id, code, ui_language, granted, int(time.monotonic() // changes.KEPT_SECONDS))


@lru_cache(maxsize=64)
def _read(paper_id: int, code: str, ui_language: str, granted: bool, _minute: int) -> Sequence[Annotation]:
    placed = assembly.places_in(papers.get(paper_id).edition_id)
    changed = changes.of_paper(paper_id)
    others = response_distribution.of_versions(tuple(place.version_id for place in placed))
    coverages = [place.coverage for place in placed]
    taught = sections.links_of_each(code, coverages, ui_language, granted=granted)
    return tuple(
        Annotation(changed.get(place.position), others.get(place.version_id), links)
        for place, links in zip(placed, taught, strict=True)
    )


def of_review(user: User, review: Review, ui_language: str) -> AnnotatedReview:
    """Return this person's review with everything beside its questions. Two statements, more once a minute.

    `results.review` has made sure that the person is not taking an exam with these items.
    """
    head = review.result.head
    own = selectors.of_places(user, assembly.places_in(head.edition_id))
    granted = policy.has_access(user, f"cert:{head.certification_code}")
    annotated = of_paper(review.paper_id, head.certification_code, ui_language, granted=granted)
    items = (
        AnnotatedItem(
            item=item,
            own=own.get(item.solution.position, NOTHING),
            changed=annotation.changed,
            others=_others(annotation.others, item),
            learn=annotation.learn,
        )
        for item, annotation in zip(review.items, annotated, strict=True)
    )
    return AnnotatedReview(review, tuple(items))


def _others(found: Distribution | None, item: ReviewItem) -> Others | None:
    if found is None:
        return None
    options = item.solution.text.options
    return Others(
        found.answers, tuple(OptionCount(one.letter, found.chosen.get(one.id, 0)) for one in options)
    )
