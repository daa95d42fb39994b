"""What a new certification needs until candidates find it, in order, and how far each step is.

Read from what there is: nothing is ticked off by hand, so a page can be left and come back to at any step.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db.models import Count

from accounts.access import products
from accounts.access.products import Shelf
from exams.assembly.models import ExamForm
from exams.authoring import catalogue, forms, items
from exams.authoring.catalogue import CatalogueKind
from exams.authoring.forms import number_of
from exams.authoring.kinds import Remark
from exams.authoring.models import OPEN, Draft, State
from exams.bank.models import Item
from exams.catalogue.models import Certification, Domain, TaskStatement


class Step(StrEnum):
    """The steps in their order."""

    FACTS = "facts"
    TOPICS = "topics"
    QUESTIONS = "questions"
    EXAM = "exam"
    PROOF = "proof"
    PUBLISHED = "published"
    SITE = "site"
    SALE = "sale"


TOPICS: Final = ("domains", "tasks")


@dataclass(frozen=True, slots=True)
class Exam:
    """An exam by its number: the edition that can be taken, the draft that is open."""

    number: int
    draft: Draft | None
    questions: int
    is_published: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a certification is.

    `draft` is that of facts, texts, domains and tasks, `blocking` what keeps it from review. `questions`
    counts what is published, `drafts` those of questions by state. `shelf` says what opens it.
    """

    certification: Certification
    draft: Draft | None
    blocking: Sequence[Remark]
    domains: int
    tasks: int
    questions: int
    drafts: Mapping[str, int]
    exams: Sequence[Exam]
    shelf: Shelf

    @property
    def wanted(self) -> int:
        """Return how many questions an exam of it has; 0 while nobody has said it."""
        content = self.draft.content if self.draft else None
        if content and not self.certification.is_written:
            return int(content["facts"]["items_total"])
        return self.certification.items_total

    def blocks(self, step: Step) -> list[Remark]:
        """Return what keeps facts and texts, or domains and tasks, from review."""
        return [
            one for one in self.blocking if (one.field.partition(".")[0] in TOPICS) == (step == Step.TOPICS)
        ]

    def is_done(self, step: Step) -> bool:
        """Tell whether a step is taken."""
        written = self.certification.is_written
        published = any(one.is_published for one in self.exams)
        return {
            Step.FACTS: written,
            Step.TOPICS: written and self.domains > 0 and self.tasks > 0,
            Step.QUESTIONS: written and self.questions >= self.certification.items_total,
            Step.EXAM: any(one.questions for one in self.exams),
            Step.PROOF: published
            or any(one.draft and one.draft.state == State.APPROVED for one in self.exams),
            Step.PUBLISHED: published,
            Step.SITE: self.certification.is_listed,
            Step.SALE: self.certification.is_listed and (not self.shelf.closed or bool(self.shelf.offers)),
        }[step]

    @property
    def next_step(self) -> Step | None:
        """Return the first step that is not taken, None after the last."""
        return next((step for step in Step if not self.is_done(step)), None)


def standing(certification: Certification) -> Standing:
    """Return how far a certification is. Eight statements."""
    draft = Draft.objects.filter(
        certification=certification, kind=catalogue.NAME, name=catalogue.NAME, state__in=OPEN
    ).first()
    found = CatalogueKind().remarks(certification, catalogue.NAME, draft.content) if draft else ()
    topics = {"is_current": True}
    return Standing(
        certification=certification,
        draft=draft,
        blocking=[one for one in found if one.blocks],
        domains=Domain.objects.filter(certification=certification, **topics).count(),
        tasks=TaskStatement.objects.filter(domain__certification=certification, **topics).count(),
        questions=Item.objects.filter(certification=certification, current__isnull=False).count(),
        drafts=_drafts(certification),
        exams=_exams(certification),
        shelf=products.shelf(certification.access_code),
    )


def _drafts(certification: Certification) -> Mapping[str, int]:
    rows = Draft.objects.filter(certification=certification, kind=items.NAME, state__in=OPEN)
    return Counter(dict(rows.order_by().values_list("state").annotate(Count("pk"))))


def _exams(certification: Certification) -> list[Exam]:
    placed = Count("current__items")
    rows = ExamForm.objects.filter(certification=certification).order_by("number").annotate(placed=placed)
    standing = {row.number: int(getattr(row, "placed")) for row in rows}  # noqa: B009
    drafts = {
        number_of(one.name): one
        for one in Draft.objects.filter(certification=certification, kind=forms.NAME, state__in=OPEN)
    }
    return [
        Exam(
            number=number,
            draft=drafts.get(number),
            questions=len(drafts[number].content["items"]) if number in drafts else standing[number],
            is_published=standing.get(number, 0) > 0,
        )
        for number in sorted({*standing, *drafts})
    ]
