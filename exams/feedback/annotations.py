"""What is said beside the questions of a review: what changed, how others answered, where it is taught."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from accounts.access import policy
from accounts.users.models import User
from exams.assembly import papers, solutions
from exams.assembly.solutions import SolvedText
from exams.attempts.results import Review, ReviewItem
from exams.bank.models import Item, ItemText
from exams.catalogue.selectors import pick
from exams.feedback import response_distribution, selectors
from exams.feedback.response_distribution import Distribution
from exams.feedback.selectors import NOTHING, Own
from exams.presentation import sections

KEPT_SECONDS: Final = 60


class Part(TextChoices):
    """What of a question may change."""

    QUESTION = "question", pgettext_lazy("changed part of a question", "the question")
    OPTIONS = "options", pgettext_lazy("changed part of a question", "the options")
    KEY = "key", pgettext_lazy("changed part of a question", "the correct answer")
    EXPLANATION = "explanation", pgettext_lazy("changed part of a question", "the explanation")


@dataclass(frozen=True, slots=True)
class Change:
    """A question as it reads today, and what of it differs from what was answered."""

    text: SolvedText
    parts: tuple[Part, ...]


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
    return _read(paper_id, code, ui_language, granted, int(time.monotonic() // KEPT_SECONDS))


@lru_cache(maxsize=64)
def _read(paper_id: int, code: str, ui_language: str, granted: bool, _minute: int) -> Sequence[Annotation]:
    placed = solutions.places_in(papers.get(paper_id).edition_id)
    changed = changes_of(paper_id)
    others = response_distribution.of_versions([place.version_id for place in placed])
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
    own = selectors.of_places(user, solutions.places_in(head.edition_id))
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


# --- What changed in a question since it was answered: a newer version, or a corrected text


def changes_of(paper_id: int) -> Mapping[int, Change]:
    """Return what changed, by position; nothing where a question reads as on the paper.

    Two queries, and three more where something changed. Read this for ended attempts only, and never while
    the person is taking an exam with these items.
    """
    paper = papers.get(paper_id)
    placed = solutions.places_in(paper.edition_id)
    current = _current_texts({place.item_id for place in placed})
    pairs: dict[int, tuple[int, int]] = {}
    for place, taken, text_id in zip(placed, paper.items, paper.text_ids, strict=True):
        text = pick(current.get(place.item_id, ()), taken.language, paper.language)
        if text and text.pk != text_id:
            pairs[place.position] = (text_id, text.pk)
    if not pairs:
        return {}
    texts = _texts({text_id for pair in pairs.values() for text_id in pair})
    before = _in_the_same_language([(texts[old], texts[new]) for old, new in pairs.values()])
    found = {}
    for position, (old, new) in pairs.items():
        if parts := _differing(before.get(old, texts[old]), texts[new]):
            found[position] = Change(solutions.solve(texts[new]), parts)
    return found


def _in_the_same_language(pairs: Sequence[tuple[ItemText, ItemText]]) -> Mapping[int, ItemText]:
    """Return what to compare instead of a text whose newer one is in another language, by its id.

    A new version that is not translated yet is compared with the original of the version before.
    """
    foreign = {old.version_id: old.pk for old, new in pairs if old.language != new.language}
    if not foreign:
        return {}
    languages = {new.language for old, new in pairs if old.pk in foreign.values()}
    rows = ItemText.objects.filter(version_id__in=foreign, language__in=languages)
    newest = rows.order_by("version_id", "-revision").distinct("version_id").values_list("pk", flat=True)
    return {foreign[text.version_id]: text for text in _texts(newest).values()}


def _current_texts(item_ids: Iterable[int]) -> Mapping[int, Sequence[ItemText]]:
    """Return the newest text of each language of the current version of each item."""
    current = Item.objects.filter(pk__in=item_ids, current__isnull=False)
    item_of = dict(current.values_list("current", "pk"))
    rows = ItemText.objects.filter(version_id__in=item_of).order_by("version_id", "language", "-revision")
    found: dict[int, list[ItemText]] = {}
    for text in rows.distinct("version_id", "language").only("version_id", "language"):
        found.setdefault(item_of[text.version_id], []).append(text)
    return found


def _texts(text_ids: Iterable[int]) -> Mapping[int, ItemText]:
    rows = ItemText.objects.filter(pk__in=text_ids).select_related("version")
    return rows.prefetch_related("options__option").in_bulk()


def _differing(before: ItemText, now: ItemText) -> tuple[Part, ...]:
    """Return the parts that a reader sees changed. Options that only moved are the same options."""
    old, new = _written(before), _written(now)
    parts = [part for part in old if old[part] != new[part]]
    # The key is another one where its words and its place differ, not where it was reworded or moved.
    if all(one != other for one, other in zip(_key(before), _key(now), strict=True)):
        parts.append(Part.KEY)
    return tuple(part for part in Part if part in parts)


def _key(text: ItemText) -> tuple[list[str], list[str]]:
    keys = [one for one in text.options.all() if one.option.is_key]
    return sorted(one.text for one in keys), sorted(one.option.letter for one in keys)


def _written(text: ItemText) -> Mapping[Part, object]:
    """Return each part as its author wrote it: rendered figures have ids that differ with each revision."""
    options = list(text.options.all())
    return {
        Part.QUESTION: (" ".join(f"{text.stem} {text.ask}".split()), text.version.choose, text.figures),
        Part.OPTIONS: sorted(one.text for one in options),
        Part.EXPLANATION: (
            *(text.why, text.principle, text.tip, text.references),
            *sorted(one.rationale for one in options),
        ),
    }
