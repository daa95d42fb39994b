"""A certification from nothing: begun hidden, drafted, reviewed, put on the site; the steps on its way."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from accounts.access import products
from accounts.access.products import CodeOffers
from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly.models import ExamForm
from exams.authoring import catalog, forms, guides, items, rights
from exams.authoring import catalog as kind
from exams.authoring import services as drafts
from exams.authoring.catalog import CatalogKind
from exams.authoring.forms import number_of
from exams.authoring.kinds import Remark
from exams.authoring.models import OPEN, Draft, State
from exams.bank.models import Item
from exams.catalog import services
from exams.catalog.models import Certification, Domain, TaskStatement
from exams.publication import pending
from exams.publication.models import PendingAct
from i18n import languages

LONGEST_CODE: Final = 40
LISTING: Final = "listing"


def begin(*, code: str, language: str, actor: User) -> Draft:
    """Make a certification that the site does not show, and return the draft of its facts and texts.

    `language` is the one in which its questions are written first. Raises Refused: not_allowed, bad_code,
    bad_language, code_taken.
    """
    rights.need(actor, rights.WRITE)
    if len(code) > LONGEST_CODE or not guides.CODE.fullmatch(code):
        raise Refused(
            "bad_code", 422, _("A code has lower-case letters, digits, and single hyphens between them.")
        )
    if language not in languages.CODES:
        raise Refused("bad_language", 422, _("Choose a language of this site."))
    with transaction.atomic():
        made = _made(code, language)
        audit.record(actor=actor, action="begin", subject=made)
        return drafts.open_draft(kind=kind.NAME, certification=made, name=kind.NAME, actor=actor)


def _made(code: str, language: str) -> Certification:
    try:
        with transaction.atomic():
            return services.begin(code, language)
    except IntegrityError as error:
        raise Refused("code_taken", 409, _("There is a certification with this code already.")) from error


def put_on_site(*, certification_id: int, actor: User, reason: str) -> Certification | PendingAct:
    """Show a certification on the site, for good: from now on everybody finds it.

    Where somebody else may do it, too, it is proposed to them instead. Raises Refused: not_allowed,
    not_found, nothing_published, listed_already, waits_already.
    """
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        certification = _unlisted(certification_id)
        act = pending.propose(
            kind=LISTING,
            subject=subject_of(certification),
            parameters={"certification": certification.pk},
            actor=actor,
            reason=reason,
        )
        return act or _list(certification, actor, reason, pending.NOBODY_ELSE)


def subject_of(certification: Certification) -> str:
    """Return by which name proposals know a certification."""
    return certification.code.upper()


def _unlisted(certification_id: int) -> Certification:
    """Return a certification that could be put on the site. Raises Refused."""
    certification = Certification.objects.filter(pk=certification_id).first()
    if certification is None:
        raise Refused("not_found", 404, _("Certification not found."))
    if not certification.is_written:
        raise Refused(
            "nothing_published", 409, _("Facts and texts of this certification are not published yet.")
        )
    if certification.is_listed:
        raise _listed_already()
    return certification


def _listed_already() -> Refused:
    return Refused("listed_already", 409, _("This certification is on the site already."))


def _list(certification: Certification, actor: User | None, reason: str, second: str) -> Certification:
    if not services.list_on_site(certification):
        raise _listed_already()
    after = {"second_person": second}
    audit.record(actor=actor, action="put on site", subject=certification, reason=reason, after=after)
    return certification


def _confirmed(act: PendingAct) -> Certification:
    certification = _unlisted(act.parameters["certification"])
    return _list(certification, act.proposer, act.reason, "confirmed")


PROPOSED: Final = pending.Kind(LISTING, _("Put on the site"), rights.REVIEW, _confirmed)


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
    counts what is published, `drafts` those of questions by state. `sale` says what opens it.
    """

    certification: Certification
    draft: Draft | None
    blocking: Sequence[Remark]
    domains: int
    tasks: int
    questions: int
    drafts: Mapping[str, int]
    exams: Sequence[Exam]
    sale: CodeOffers

    @property
    def questions_needed(self) -> int:
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
            Step.SALE: self.certification.is_listed and (not self.sale.closed or bool(self.sale.offers)),
        }[step]

    @property
    def next_step(self) -> Step | None:
        """Return the first step that is not taken, None after the last."""
        return next((step for step in Step if not self.is_done(step)), None)


def standing(certification: Certification) -> Standing:
    """Return how far a certification is. Eight statements."""
    draft = Draft.objects.filter(
        certification=certification, kind=catalog.NAME, name=catalog.NAME, state__in=OPEN
    ).first()
    remarks = CatalogKind().remarks(certification, catalog.NAME, draft.content) if draft else ()
    topics = {"is_current": True}
    return Standing(
        certification=certification,
        draft=draft,
        blocking=[one for one in remarks if one.blocks],
        domains=Domain.objects.filter(certification=certification, **topics).count(),
        tasks=TaskStatement.objects.filter(domain__certification=certification, **topics).count(),
        questions=Item.objects.filter(certification=certification, current__isnull=False).count(),
        drafts=_drafts(certification),
        exams=_exams(certification),
        sale=products.code_offers(certification.access_code),
    )


def _drafts(certification: Certification) -> Mapping[str, int]:
    rows = Draft.objects.filter(certification=certification, kind=items.NAME, state__in=OPEN)
    return Counter(dict(rows.order_by().values_list("state").annotate(Count("pk"))))


def _exams(certification: Certification) -> list[Exam]:
    placed = Count("current__items")
    rows = ExamForm.objects.filter(certification=certification).order_by("number").annotate(placed=placed)
    standing = {row.number: int(getattr(row, "placed")) for row in rows}  # noqa: B009
    drafts = {
        number_of(draft.name): draft
        for draft in Draft.objects.filter(certification=certification, kind=forms.NAME, state__in=OPEN)
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
