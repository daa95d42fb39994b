"""A new certification: how it begins, its steps in order with what is missing, and the way of its drafts."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import SignedInRequest
from exams.admin import catalogue_fields
from exams.admin.draft_views import address, staff_view
from exams.authoring import certifications, guides, rights, services, steps
from exams.authoring.catalogue import NAME
from exams.authoring.models import State
from exams.authoring.steps import Exam, Standing, Step
from exams.catalogue.models import Certification
from exams.publication import pending
from exams.publication.models import PendingAct
from i18n import languages
from i18n.addresses import match_of

LANDING: Final = "exams:landing"
MOST_SAID: Final = 10
TITLES: Final = {
    Step.FACTS: gettext_lazy("Facts and texts"),
    Step.TOPICS: gettext_lazy("Domains and task statements"),
    Step.QUESTIONS: gettext_lazy("Questions"),
    Step.EXAM: gettext_lazy("Exam put together"),
    Step.PROOF: gettext_lazy("Proof sheet"),
    Step.PUBLISHED: gettext_lazy("Exam published"),
    Step.SITE: gettext_lazy("On the site"),
    Step.SALE: gettext_lazy("Who may take it"),
}
WHAT: Final = {
    Step.FACTS: gettext_lazy(
        "The figures of the real exam, and what the site says about it in each language."
    ),
    Step.TOPICS: gettext_lazy(
        "The parts of the exam guide with their weights. Each question belongs to one."
    ),
    Step.QUESTIONS: gettext_lazy("Write or import them. Somebody else reviews and publishes each one."),
    Step.EXAM: gettext_lazy("Draw the questions by the weights of the domains, or choose them by hand."),
    Step.PROOF: gettext_lazy("Check the figures of the exam before somebody approves it."),
    Step.PUBLISHED: gettext_lazy("After review, the exam is published as its first edition."),
    Step.SITE: gettext_lazy("Until then, only staff can see it. Take the exam yourself first."),
    Step.SALE: gettext_lazy("Products give access. Without a product, everybody can take it."),
}


class NewForm(forms.Form):
    """By which code files, addresses and people call a certification, and its first language."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=certifications.LONGEST_CODE,
        help_text=gettext_lazy("As in addresses, such as mls-c01. It never changes."),
        widget=UnfoldAdminTextInputWidget(),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the questions"),
        choices=[(language.code, language.name) for language in languages.LANGUAGES],
        help_text=gettext_lazy("In which they are written first; others are translations."),
        widget=UnfoldAdminSelectWidget(),
    )

    def clean_code(self) -> str:
        """Check its shape, that it is free, and that no other page of the site has its address."""
        code: str = self.cleaned_data["code"].strip().lower()
        if not guides.CODE.fullmatch(code):
            raise forms.ValidationError(
                _("A code has lower-case letters, digits, and single hyphens between them.")
            )
        match = match_of(reverse(LANDING, args=[code]))
        if match is None or match.view_name != LANDING:
            raise forms.ValidationError(_("Another page of the site has this address. Choose another code."))
        if Certification.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is a certification with this code already."))
        return code


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def new(request: SignedInRequest) -> HttpResponse:
    """Ask for code and language, and say what comes then; begin, and lead to the steps."""
    form = NewForm(request.POST or None)
    if form.is_valid():
        try:
            draft = certifications.begin(**form.cleaned_data, actor=request.user)
        except Refused as refused:
            form.add_error("code", str(refused))
        else:
            return HttpResponseRedirect(steps_of(draft.certification))
    context = {
        **admin.site.each_context(request),
        "title": _("New certification"),
        "form": form,
        "rows": [{"title": TITLES[step], "what": WHAT[step]} for step in Step],
        "back": reverse("admin:exams_certification_changelist"),
        "opts": Certification._meta,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "admin/exams/certification_new.html", context, status=status)


def steps_of(certification: Certification) -> str:
    """Return the address of the steps of a certification."""
    return reverse("admin:exams_certification_steps", args=[certification.pk])


def _found(object_id: str) -> Certification:
    is_key = object_id.isascii() and object_id.isdigit() and len(object_id) < 19
    certification = Certification.objects.filter(pk=int(object_id)).first() if is_key else None
    if certification is None:
        raise Http404
    return certification


@require_POST
@staff_view(rights.WRITE, rights.TRANSLATE)
def edit(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Open the draft of a certification, begun from what is published where there is none."""
    draft = services.open_draft(kind=NAME, certification=_found(object_id), name=NAME, actor=request.user)
    return HttpResponseRedirect(address(draft))


@require_safe
@staff_view(rights.SEE)
def show_steps(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Show the steps in order: what is done, what is missing, and where it is done."""
    certification = _found(object_id)
    context = {
        **admin.site.each_context(request),
        "title": _("Steps of %(code)s") % {"code": certification},
        "back": reverse("admin:exams_certification_change", args=[certification.pk]),
        **context_of(certification, request.user),
        "opts": Certification._meta,
    }
    return render(request, "admin/exams/certification_steps.html", context)


# --- The rows of the page ----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Way:
    """Where a step is taken. `is_post` needs a form with a token, since it begins something."""

    label: str
    address: str
    is_post: bool = False


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step as the page shows it: how far it is in a sentence, what is missing, and ways there."""

    title: Promise
    what: Promise
    is_done: bool
    is_next: bool
    said: str
    missing: tuple[str, ...]
    ways: tuple[Way, ...]


def context_of(certification: Certification, person: User) -> dict[str, Any]:
    """Return the rows, and how many of them are done."""
    standing = steps.standing(certification)
    rows = [_row(standing, step, person) for step in Step]
    return {
        "certification": certification,
        "rows": rows,
        "done": sum(row.is_done for row in rows),
        "is_whole": standing.next_step is None,
    }


def _row(standing: Standing, step: Step, person: User) -> StepRow:
    missing = [
        f"{catalogue_fields.label_of(block.field)}: {block.sentence}" for block in standing.blocks(step)
    ]
    return StepRow(
        title=TITLES[step],
        what=WHAT[step],
        is_done=standing.is_done(step),
        is_next=standing.next_step == step,
        said=_step_note(standing, step),
        missing=tuple(missing[:MOST_SAID]) if step in (Step.FACTS, Step.TOPICS) else (),
        ways=tuple(_ways(standing, step, person)),
    )


def _step_note(standing: Standing, step: Step) -> str:
    """Return how far a step is, "" where there is nothing to say yet."""
    match step:
        case Step.FACTS:
            return _of_draft(standing)
        case Step.TOPICS:
            return _topics(standing) if standing.certification.is_written else ""
        case Step.QUESTIONS:
            return _questions(standing)
        case Step.EXAM:
            return "; ".join(_exam(exam) for exam in standing.exams)
        case Step.SITE:
            waits = _proposal(standing.certification)
            return (
                _("Proposed by %(who)s; somebody else has to confirm it.") % {"who": waits.proposer}
                if waits
                else ""
            )
        case Step.SALE:
            return _sale(standing)
    return ""


def _proposal(certification: Certification) -> PendingAct | None:
    """Return the proposal to put it on the site, which waits."""
    return pending.waiting_for(certifications.LISTING, certifications.subject_of(certification))


def _of_draft(standing: Standing) -> str:
    """Return where the draft of facts, texts, domains and tasks is on its way."""
    if standing.draft is None:
        return ""
    if standing.draft.state == State.DRAFT:
        written = standing.certification.is_written
        return _("Changes are being drafted.") if written else _("A draft, not sent to review yet.")
    in_review = standing.draft.state == State.REVIEW
    return _("In review.") if in_review else _("Approved; it can be published.")


def _topics(standing: Standing) -> str:
    domains = ngettext("%(count)d domain", "%(count)d domains", standing.domains) % {
        "count": standing.domains
    }
    tasks = ngettext("%(count)d task statement", "%(count)d task statements", standing.tasks)
    return f"{domains}, {tasks % {'count': standing.tasks}}"


def _questions(standing: Standing) -> str:
    parts = [
        _("%(found)d published, an exam has %(wanted)d")
        % {"found": standing.questions, "wanted": standing.wanted}
        if standing.wanted
        else _("%(found)d published") % {"found": standing.questions}
    ]
    names = {
        State.DRAFT: _("%(count)d being written"),
        State.REVIEW: _("%(count)d in review"),
        State.APPROVED: _("%(count)d approved"),
    }
    parts += [
        name % {"count": standing.drafts[state]}
        for state, name in names.items()
        if standing.drafts.get(state)
    ]
    return ", ".join(parts)


def _exam(exam: Exam) -> str:
    state = str(exam.draft.get_state_display()) if exam.draft else _("published")
    values = {"number": exam.number, "count": exam.questions, "state": state}
    return (
        ngettext(
            "Exam %(number)d: %(count)d question, %(state)s",
            "Exam %(number)d: %(count)d questions, %(state)s",
            exam.questions,
        )
        % values
    )


def _sale(standing: Standing) -> str:
    if not standing.shelf.closed:
        return _("No product includes it: everybody with a confirmed email address can take it for free.")
    if standing.shelf.offers:
        names = ", ".join(offer.slug for offer in standing.shelf.offers)
        return _("Included in these products: %(names)s.") % {"names": names}
    return _("A product includes it, but none is on sale: nobody can buy access now.")


def _ways(standing: Standing, step: Step, person: User) -> Iterator[Way]:
    writes, reviews = rights.may(person, rights.WRITE), rights.may(person, rights.REVIEW)
    if step in (Step.FACTS, Step.TOPICS):
        yield from _to_draft(standing, "#domains" if step == Step.TOPICS else "", person)
    elif step == Step.QUESTIONS:
        yield from _to_questions(standing.certification, writes=writes)
    elif step in (Step.EXAM, Step.PUBLISHED):
        yield from _to_exams(standing, writes=writes and step == Step.EXAM)
    elif step == Step.PROOF:
        for exam in standing.exams:
            if exam.draft:
                label = _("Proof sheet of exam %(number)d") % {"number": exam.number}
                yield Way(label, address(exam.draft, "proof"))
    elif step == Step.SITE:
        yield from _to_site(standing, reviews=reviews)


def _to_draft(standing: Standing, anchor: str, person: User) -> Iterator[Way]:
    if standing.draft:
        yield Way(_("Open the draft"), f"{address(standing.draft)}{anchor}")
    elif rights.may(person, rights.WRITE, rights.TRANSLATE):
        edit = reverse("admin:exams_certification_edit", args=[standing.certification.pk])
        yield Way(_("Change them in a draft"), edit, is_post=True)


def _to_questions(certification: Certification, *, writes: bool) -> Iterator[Way]:
    of_it = urlencode({"certification__id__exact": certification.pk})
    if writes and certification.is_written:
        chosen = urlencode({"certification": certification.pk})
        yield Way(_("New question"), f"{reverse('admin:exams_item_new_question')}?{chosen}")
        yield Way(_("Import questions"), f"{reverse('admin:exams_importfile_new_import')}?{chosen}")
    yield Way(_("Published questions"), f"{reverse('admin:exams_item_changelist')}?{of_it}")
    drafts = reverse("admin:exams_draft_changelist")
    yield Way(_("Drafts"), f"{drafts}?{of_it}&{urlencode({'kind': 'item'})}")


def _to_exams(standing: Standing, *, writes: bool) -> Iterator[Way]:
    for exam in standing.exams:
        if exam.draft:
            yield Way(_("Draft of exam %(number)d") % {"number": exam.number}, address(exam.draft))
            if writes:
                label = _("Draw exam %(number)d from the bank") % {"number": exam.number}
                yield Way(label, address(exam.draft, "draw"))
    if writes and standing.certification.is_written:
        chosen = urlencode({"certification": standing.certification.pk})
        yield Way(_("New exam"), f"{reverse('admin:exams_examform_new_exam')}?{chosen}")


def _to_site(standing: Standing, *, reviews: bool) -> Iterator[Way]:
    certification = standing.certification
    if certification.is_written:
        yield Way(_("Its page on the site"), reverse(LANDING, args=[certification.code]))
    for exam in standing.exams:
        if exam.is_published and not certification.is_listed:
            label = _("Take exam %(number)d as candidates will") % {"number": exam.number}
            yield Way(label, reverse("exams:start", args=[certification.code, exam.number]))
    if reviews and certification.is_written and not certification.is_listed:
        if waits := _proposal(certification):
            yield Way(_("Open the proposal"), reverse("admin:exams_pendingact_change", args=[waits.pk]))
        else:
            put = reverse("admin:exams_certification_put_on_site", args=[certification.pk])
            yield Way(_("Put it on the site"), put)
