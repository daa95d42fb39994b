"""The free sample: items that are in no exam. Anybody may try the first ten, key and reasons included.

The last twenty, where it has so many, are also a check, a drill that an account is enough for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db import transaction
from django.db.models import Case, IntegerField, OuterRef, Q, Subquery, Value, When

from exams.assembly.models import ExamForm, SampleItem
from exams.assembly.solutions import SolvedText, solve
from exams.bank.models import ItemText, ItemVersion
from exams.catalog.models import Certification, DomainText, TaskStatementText
from exams.content.records import SAMPLE_CHECK, SAMPLE_OPEN
from exams.scoring.rules import Scale


@dataclass(frozen=True, slots=True)
class SampleQuestion:
    """An item at its place: positions count from 1, names are "" where unknown."""

    position: int
    domain_number: int
    task_code: str
    domain_name: str
    task_title: str
    text: SolvedText


@dataclass(frozen=True, slots=True)
class Size:
    """How many items a sample has, and what follows from it."""

    stored: int

    @property
    def open(self) -> int:
        """Return how many anybody may try."""
        return min(self.stored, SAMPLE_OPEN)

    @property
    def has_check(self) -> bool:
        """Return whether there are enough for a check."""
        return self.stored >= SAMPLE_CHECK

    @property
    def shared(self) -> int:
        """Return how many of the check's questions anybody may try before it: none of thirty."""
        return max(SAMPLE_OPEN + SAMPLE_CHECK - self.stored, 0)


@dataclass(frozen=True, slots=True)
class Sample:
    """What anybody may try of a sample, in a language as far as it is translated, and the scale of its exams.

    `first_exam` is the number of the exam to begin with, None where there is none yet.
    """

    code: str
    vendor: str
    scale: Scale
    first_exam: int | None
    questions: tuple[SampleQuestion, ...]
    size: Size

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages in which the questions are."""
        return tuple(dict.fromkeys(question.text.language for question in self.questions))


def codes() -> frozenset[str]:
    """Return the codes of the certifications that have a sample. One statement."""
    return frozenset(SampleItem.objects.values_list("certification__code", flat=True).distinct().order_by())


def get(code: str, language: str) -> Sample | None:
    """Return the sample of a certification, or None where it has none.

    One statement; three more the first time that a process meets these texts.
    """
    newest = ItemText.objects.filter(version=OuterRef("version")).filter(
        Q(language=language) | Q(language=OuterRef("certification__original_language"))
    )
    wanted_first = Case(When(language=language, then=Value(0)), default=Value(1), output_field=IntegerField())
    names = DomainText.objects.filter(domain=OuterRef("version__item__task__domain"))
    titles = TaskStatementText.objects.filter(task=OuterRef("version__item__task"))
    exams = ExamForm.objects.filter(certification=OuterRef("certification"), editions__papers__isnull=False)
    rows = list(
        SampleItem.objects.filter(certification__code=code)
        .order_by("position")
        .annotate(
            text_id=Subquery(newest.order_by(wanted_first, "-revision").values("pk")[:1]),
            domain_name=Subquery(names.order_by(wanted_first, "pk").values("name")[:1]),
            task_title=Subquery(titles.order_by(wanted_first, "pk").values("title")[:1]),
            first_exam=Subquery(exams.order_by("number").values("number")[:1]),
        )
        .values_list(
            "position",
            "version__item__task__domain__number",
            "version__item__task__code",
            "domain_name",
            "task_title",
            "text_id",
            "certification__vendor",
            "certification__scale_min",
            "certification__scale_max",
            "certification__pass_mark",
            "first_exam",
        )
    )
    if not rows:
        return None
    open_rows = rows[:SAMPLE_OPEN]
    texts = texts_of(tuple(row[5] for row in open_rows))
    *_, vendor, low, high, mark, first_exam = rows[0]
    questions = tuple(
        SampleQuestion(position, domain, task, name or "", title or "", texts[text_id])
        for position, domain, task, name, title, text_id, *_ in open_rows
    )
    return Sample(code, vendor, Scale(low, high, mark), first_exam, questions, Size(len(rows)))


@lru_cache(maxsize=64)
def texts_of(text_ids: tuple[int, ...]) -> Mapping[int, SolvedText]:
    """Return published texts by id. They never change, so a copy can never be stale."""
    rows = ItemText.objects.filter(pk__in=text_ids).select_related("version")
    return {row.pk: solve(row) for row in rows.prefetch_related("options__option")}


def size(code: str) -> Size:
    """Return the size of the sample of a certification. One statement."""
    return Size(SampleItem.objects.filter(certification__code=code).count())


def check_versions(certification: Certification) -> list[int]:
    """Return the versions that a check asks, in order; none where too few are in use. One statement."""
    rows = SampleItem.objects.filter(certification=certification, version__item__current__isnull=False)
    versions = list(rows.order_by("-position").values_list("version_id", flat=True)[:SAMPLE_CHECK])
    return versions[::-1] if len(versions) == SAMPLE_CHECK else []


def positions(code: str) -> list[tuple[str, int]]:
    """Return code and version of each item of the stored sample, in order. One statement."""
    rows = SampleItem.objects.filter(certification__code=code).order_by("position")
    return list(rows.values_list("version__item__code", "version_id"))


@transaction.atomic
def renew(certification: Certification) -> None:
    """Have the sample show the current version of each of its items; a withdrawn one keeps its version."""
    # Locked, because to renew is to delete all rows and to store them again.
    rows = SampleItem.objects.select_for_update(of=("self",)).filter(certification=certification)
    placed = list(rows.order_by("position").select_related("version__item__current"))
    if any(row.version.item.current_id not in (None, row.version_id) for row in placed):
        place(certification, [row.version.item.current or row.version for row in placed])


@transaction.atomic
def place(certification: Certification, versions: Sequence[ItemVersion]) -> None:
    """Make these versions the sample of a certification, in this order; none of them takes it down."""
    SampleItem.objects.filter(certification=certification).delete()
    SampleItem.objects.bulk_create(
        SampleItem(certification=certification, position=position, version=version)
        for position, version in enumerate(versions, start=1)
    )


@transaction.atomic
def drop(items: Collection[int]) -> None:
    """Take items out of the free sample: the others move up."""
    held = SampleItem.objects.filter(version__item__in=items).values_list("certification", flat=True)
    # Read whole before the loop: `place` deletes the rows by which the certifications are found.
    for certification in Certification.objects.filter(pk__in=list(held)):
        rows = SampleItem.objects.filter(certification=certification).exclude(version__item__in=items)
        place(certification, [row.version for row in rows.order_by("position").select_related("version")])


@transaction.atomic
def put_back(version: ItemVersion, position: int) -> None:
    """Put an item into the free sample of its certification again, at a position or at the end."""
    certification = version.item.certification
    rows = SampleItem.objects.filter(certification=certification).order_by("position")
    versions = [row.version for row in rows.select_related("version")]
    if all(other.item_id != version.item_id for other in versions):
        versions.insert(position - 1, version)
        place(certification, versions)
