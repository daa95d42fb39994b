"""What is said of questions beside a review: by their reader, and by the bank and by others to every reader.

What a reader noted, bookmarked and reported also stands in lists of its own.
"""

import datetime as dt
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
)
from django.db.models.functions import JSONArray
from django.utils.translation import pgettext_lazy

from accounts.access import policy
from accounts.base import statements
from accounts.users.models import User
from exams.assembly import papers, solutions
from exams.assembly.models import FormItem
from exams.assembly.solutions import Place, SolvedText
from exams.attempts import running_items
from exams.attempts.models import State
from exams.attempts.results import Review, ReviewItem
from exams.bank.models import Item, ItemText
from exams.catalog.selectors import pick
from exams.feedback.models import Bookmark, Note, OptionCount, ProblemReport, Reason, ReportState
from exams.presentation import sections

KEPT_SECONDS: Final = 60
LEAST_ANSWERS: Final = 100
"""Fewer answers say too little about a question, and too much about those who gave them."""
LIST_LIMIT: Final = 200
MARKS_LIMIT: Final = 1000
# Three tables by one statement: what a person marked of a few dozen items is a handful of rows.
_OWN: Final = """
SELECT n.item_id, 'note', to_json(n.text) FROM exams_note n
WHERE n.user_id = %(user)s AND n.item_id = ANY(%(items)s)
UNION ALL
SELECT b.item_id, 'bookmark', 'true'::json FROM exams_bookmark b
WHERE b.user_id = %(user)s AND b.item_id = ANY(%(items)s)
UNION ALL
SELECT v.item_id, 'reports', json_agg(json_build_object(
    'id', r.id, 'attempt_id', r.attempt_id, 'position', r.position, 'reason', r.reason, 'text', r.text,
    'state', r.state, 'answer', r.answer, 'created_at', r.created_at, 'answered_at', r.answered_at)
  ORDER BY r.created_at DESC, r.id DESC)
FROM exams_problemreport r JOIN exams_itemversion v ON v.id = r.version_id
WHERE r.user_id = %(user)s AND v.item_id = ANY(%(items)s) GROUP BY v.item_id
"""


@dataclass(frozen=True, slots=True)
class Report:
    """A report and its answer, "" while there is none. `attempt_id` and `position` say where it was made."""

    id: int
    attempt_id: UUID
    position: int
    reason: Reason
    text: str
    state: ReportState
    answer: str
    created_at: dt.datetime
    answered_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Own:
    """What a person has said about an item; `note` is "" where there is none, reports the newest first."""

    note: str = ""
    bookmarked: bool = False
    reports: tuple[Report, ...] = ()


NOTHING: Final = Own()


@dataclass(frozen=True, slots=True)
class OwnReport:
    """A report in the list of its person; `form_number` is None where it was made in a drill.

    `held`: its question is in an exam that the person is taking. Then texts are empty, since they may tell
    the answer.
    """

    report: Report
    certification_code: str
    form_number: int | None
    held: bool


@dataclass(frozen=True, slots=True)
class Marked:
    """A note or a bookmark, and where its question was last met; `text` is "" for a bookmark."""

    attempt_id: UUID
    position: int
    certification_code: str
    form_number: int
    text: str
    at: dt.datetime


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
class Distribution:
    """How many people answered a question, and how many of them chose each option, by its id."""

    answers: int
    chosen: Mapping[int, int]

    def percent(self, option_id: int) -> int:
        """Return the share of those who chose an option, in whole percent."""
        return round(100 * self.chosen.get(option_id, 0) / self.answers)


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is said beside one question, the same for every reader with the same access."""

    changed: Change | None
    others: Distribution | None
    learn: Sequence[sections.Link]


@dataclass(frozen=True, slots=True)
class OptionShare:
    """How many people chose an option."""

    letter: str
    chosen: int


@dataclass(frozen=True, slots=True)
class Others:
    """How people answered on their first try; `answers` is how many did."""

    answers: int
    options: tuple[OptionShare, ...]


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


# --- What a person has said


def of_places(user: User, places: Sequence[Place]) -> Mapping[int, Own]:
    """Return what a person has said about items, by position; only where there is something. One statement.

    Whoever asks has made sure that the person is not taking an exam with these items.
    """
    by_item: dict[int, dict[str, Any]] = {}
    values = {"user": user.pk, "items": [place.item_id for place in places]}
    for item_id, kind, value in statements.rows(_OWN, values):
        by_item.setdefault(item_id, {})[kind] = value
    return {place.position: _own(by_item[place.item_id]) for place in places if place.item_id in by_item}


def _own(marks: Mapping[str, Any]) -> Own:
    return Own(
        note=marks.get("note", ""),
        bookmarked="bookmark" in marks,
        reports=tuple(_report(row) for row in marks.get("reports", ())),
    )


def _report(row: Mapping[str, Any], *, is_hidden: bool = False) -> Report:
    return Report(
        id=row["id"],
        attempt_id=UUID(str(row["attempt_id"])),
        position=row["position"],
        reason=Reason(row["reason"]),
        text="" if is_hidden else row["text"],
        state=ReportState(row["state"]),
        answer="" if is_hidden else row["answer"],
        created_at=_time(row["created_at"]),
        answered_at=_time(row["answered_at"]) if row["answered_at"] else None,
    )


def _time(value: dt.datetime | str) -> dt.datetime:
    """Return a time that came as such, or within JSON as PostgreSQL writes it."""
    return dt.datetime.fromisoformat(value) if isinstance(value, str) else value


def own_reports(user: User) -> list[OwnReport]:
    """Return the newest 200 reports of a person with their answers. One statement."""
    rows = ProblemReport.objects.filter(user_id=user.pk).values(
        *("id", "attempt_id", "position", "reason", "text", "state", "answer", "created_at", "answered_at"),
        code=F("version__item__certification__code"),
        form_number=F("attempt__form__number"),
        held=ExpressionWrapper(Q(version__item__in=running_items.of(user)), output_field=BooleanField()),
    )
    return [
        OwnReport(_report(row, is_hidden=row["held"]), row["code"], row["form_number"], row["held"])
        for row in rows[:LIST_LIMIT]
    ]


def own_notes(user: User) -> list[Marked]:
    """Return a person's notes, newest first, but on items of an exam that they are taking. One statement."""
    return _marked(user, Note.objects.values("text", at=F("updated_at")))


def own_bookmarks(user: User) -> list[Marked]:
    """Return a person's bookmarks, newest first, but on items of an exam being taken. One statement."""
    return _marked(user, Bookmark.objects.values(text=Value(""), at=F("created_at")))


def _marked(user: User, rows: QuerySet[Any, Any]) -> list[Marked]:
    """Return marks of items, each with where the person last met its item in an exam that was scored."""
    met = FormItem.objects.filter(
        version__item=OuterRef("item"),
        edition__attempts__user=user,
        edition__attempts__state=State.SCORED,
    ).order_by("-edition__attempts__started_at")
    place = JSONArray(
        *("edition__attempts__pk", "position"),
        *("edition__form__certification__code", "edition__form__number"),
    )
    marks = rows.filter(user=user).exclude(item__in=running_items.of(user))
    placed = marks.annotate(place=Subquery(met.values_list(place)[:1])).filter(place__isnull=False)
    newest = placed.order_by("-at", "item").values_list("place", "text", "at")
    return [
        Marked(UUID(attempt_id), position, code, form_number, text, at)
        for (attempt_id, position, code, form_number), text, at in newest[:MARKS_LIMIT]
    ]


# --- What is said beside a question, the same for every reader


def annotations(paper_id: int, code: str, ui_language: str, *, granted: bool) -> Sequence[Annotation]:
    """Return the annotations of a paper by position. A handful of queries, once a minute in a process.

    `granted` says whether the reader may open the certification. Never for a reader who is taking an exam
    with these items: it tells keys.
    """
    return _read(paper_id, code, ui_language, granted, int(time.monotonic() // KEPT_SECONDS))


@lru_cache(maxsize=64)
def _read(paper_id: int, code: str, ui_language: str, granted: bool, _minute: int) -> Sequence[Annotation]:
    placed = solutions.places_in(papers.compiled(paper_id).edition_id)
    changed = changes_of(paper_id)
    others = distributions([place.version_id for place in placed])
    coverages = [place.coverage for place in placed]
    taught = sections.links_of_each(code, coverages, ui_language, granted=granted)
    return tuple(
        Annotation(changed.get(place.position), others.get(place.version_id), links)
        for place, links in zip(placed, taught, strict=True)
    )


def annotated(user: User, review: Review, ui_language: str) -> AnnotatedReview:
    """Return this person's review with everything beside its questions. Two statements, more once a minute.

    `results.review` has made sure that the person is not taking an exam with these items.
    """
    head = review.result.head
    own = of_places(user, solutions.places_in(head.edition_id))
    granted = policy.has_access(user, f"cert:{head.certification_code}")
    notes = annotations(review.paper_id, head.certification_code, ui_language, granted=granted)
    items = (
        AnnotatedItem(
            item=item,
            own=own.get(item.solution.position, NOTHING),
            changed=annotation.changed,
            others=_others(annotation.others, item),
            learn=annotation.learn,
        )
        for item, annotation in zip(review.items, notes, strict=True)
    )
    return AnnotatedReview(review, tuple(items))


def _others(distribution: Distribution | None, item: ReviewItem) -> Others | None:
    if distribution is None:
        return None
    options = item.solution.text.options
    return Others(
        distribution.answers,
        tuple(OptionShare(one.letter, distribution.chosen.get(one.id, 0)) for one in options),
    )


# --- What changed in a question since it was answered: a newer version, or a corrected text


def changes_of(paper_id: int) -> Mapping[int, Change]:
    """Return what changed, by position; nothing where a question reads as on the paper.

    Two queries, and three more where something changed. Read this for ended attempts only, and never while
    the person is taking an exam with these items.
    """
    paper = papers.compiled(paper_id)
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
    changes = {}
    for position, (old, new) in pairs.items():
        if parts := _differing(before.get(old, texts[old]), texts[new]):
            changes[position] = Change(solutions.solve(texts[new]), parts)
    return changes


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
    texts: dict[int, list[ItemText]] = {}
    for text in rows.distinct("version_id", "language").only("version_id", "language"):
        texts.setdefault(item_of[text.version_id], []).append(text)
    return texts


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


def distributions(version_ids: Sequence[int]) -> Mapping[int, Distribution]:
    """Return how versions with at least 100 answers were answered. One query."""
    rows = OptionCount.objects.filter(version_id__in=version_ids, answers__gte=LEAST_ANSWERS)
    shares: dict[int, tuple[int, dict[int, int]]] = {}
    for version_id, option_id, chosen, answers in rows.values_list(
        "version_id", "option_id", "chosen", "answers"
    ):
        shares.setdefault(version_id, (answers, {}))[1][option_id] = chosen
    return {version_id: Distribution(answers, chosen) for version_id, (answers, chosen) in shares.items()}
