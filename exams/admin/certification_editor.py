"""A certification from nothing to the site: the editor of its facts and texts, and the page of its steps."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, whole_number
from exams.admin import profile_fields
from exams.admin.draft_editor import (
    Difference,
    DraftPage,
    EditorContext,
    Fields,
    TextField,
    address,
    rows_in,
    typed_number,
)
from exams.admin.requests import admin_page, list_of, page_of, row_or_404, staff_view
from exams.authoring import certifications, guides, items, rights
from exams.authoring.catalog import FACTS, MOST_DOMAINS, MOST_TASKS, NUMBERS, PLANNED, WHOLE
from exams.authoring.certifications import Exam, Standing, Step
from exams.authoring.kinds import Content
from exams.authoring.models import Draft, State
from exams.bank.models import Item
from exams.catalog.models import Certification
from exams.content.formats.certification_yaml import OPTIONAL, REQUIRED
from exams.content.states import PLANNABLE
from exams.publication import pending
from exams.publication.models import PendingAct
from i18n import languages
from i18n.addresses import match_of

WORDS: Final = (*REQUIRED, *OPTIONAL)
LABELS: Final[Mapping[str, Promise]] = {
    "vendor": gettext_lazy("Vendor"),
    "level": gettext_lazy("Level"),
    "successor_code": gettext_lazy("Code of the successor"),
    "beta_on": gettext_lazy("First day of the beta"),
    "live_on": gettext_lazy("First exam day"),
    "retired_on": gettext_lazy("Last exam day"),
    "planned_facts": gettext_lazy("Planned, not confirmed by the vendor yet"),
    "duration_minutes": gettext_lazy("Minutes"),
    "items_total": gettext_lazy("Questions"),
    "items_scored": gettext_lazy("Scored questions"),
    "pass_mark": gettext_lazy("Passing score"),
    "scale_min": gettext_lazy("Lowest score"),
    "scale_max": gettext_lazy("Highest score"),
    "exam_fee_usd": gettext_lazy("Exam fee in USD"),
    "validity_years": gettext_lazy("Validity in years"),
    "retake_wait_days": gettext_lazy("Days until a retake"),
    "accommodation_minutes": gettext_lazy("Extra minutes in a foreign language"),
    "name": gettext_lazy("Name"),
    "summary": gettext_lazy("Summary"),
    "description": gettext_lazy("Description"),
    "recommended_experience": gettext_lazy("Recommended experience"),
    "question_types": gettext_lazy("Question types"),
    "delivery": gettext_lazy("Testing options"),
    "retake": gettext_lazy("Retake"),
    "results_note": gettext_lazy("Results"),
    "accommodation": gettext_lazy("Extra time"),
    "retirement_note": gettext_lazy("After retirement"),
    "successor_name": gettext_lazy("Name of the successor"),
    "successor_note": gettext_lazy("About the successor"),
    "facts": gettext_lazy("Facts"),
    "domains": gettext_lazy("Domains"),
    "tasks": gettext_lazy("Task statements"),
    "number": gettext_lazy("Number"),
    "weight_percent": gettext_lazy("Weight in percent"),
    "code": gettext_lazy("Code"),
    "domain": gettext_lazy("Domain"),
    "title": pgettext_lazy("of a task statement", "Title"),
    "covers": pgettext_lazy("of a task statement", "Covers"),
}
HINTS: Final[Mapping[str, Promise]] = {
    "items_total": gettext_lazy("In one exam, according to the exam guide."),
    "items_scored": gettext_lazy("How many of them count."),
    "beta_on": gettext_lazy("Such as 2026-09-29. Empty if there is no beta."),
    "live_on": gettext_lazy(
        "Such as 2027-01-14. While it is ticked as planned below, its day alone does not turn the exam live."
    ),
    "retired_on": gettext_lazy("Such as 2026-03-31. Empty while the exam can be taken."),
    "successor_code": gettext_lazy("Empty if there is none."),
    "accommodation_minutes": gettext_lazy("0 if the vendor gives none."),
}

type Make = Callable[[Fields, int, Mapping[str, Any]], dict[str, Any]]


def _texts(post: Fields, stored: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the texts by language; one of which nothing is written is none, unless it is the first."""
    for language in languages.CODES:
        known = stored.get(language)
        words = {name: post.get(f"texts.{language}.{name}", (known or {}).get(name, "")) for name in WORDS}
        if any(text.strip() for text in words.values()) or (known is not None and not any(known.values())):
            yield language, words


def _rows(post: Fields, what: str, name: str, stored: Content, make: Make) -> list[Any]:
    """Return the rows that a form holds, what is stored where it shows none."""
    known = stored[what]
    if what not in post:
        return list(known)
    numbers = rows_in(post, rf"{what}\.(\d{{1,3}})\.{name}")
    return [make(post, number, known[number] if number < len(known) else {}) for number in numbers]


def _kept_number(post: Fields, field: str, stored: object) -> object:
    return typed_number(post[field]) if field in post else stored


def _domain(post: Fields, number: int, stored: Mapping[str, Any]) -> dict[str, Any]:
    place = f"domains.{number}"
    return {
        "number": typed_number(post[f"{place}.number"]),
        "weight_percent": _kept_number(post, f"{place}.weight_percent", stored.get("weight_percent", "")),
        "names": {
            language: name
            for language in languages.CODES
            if (name := post.get(f"{place}.names.{language}", stored.get("names", {}).get(language, "")))
        },
    }


def _task(post: Fields, number: int, stored: Mapping[str, Any]) -> dict[str, Any]:
    place, known = f"tasks.{number}", stored.get("texts", {})
    texts = {
        language: {
            name: post.get(f"{place}.texts.{language}.{name}", known.get(language, {}).get(name, ""))
            for name in ("title", "covers")
        }
        for language in languages.CODES
    }
    return {
        "code": post[f"{place}.code"],
        "domain": _kept_number(post, f"{place}.domain", stored.get("domain", "")),
        "texts": {language: words for language, words in texts.items() if any(words.values())},
    }


def _new_domain(domains: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a domain with the next number and the weight that is left."""
    numbers = [one["number"] for one in domains if isinstance(one["number"], int)]
    weights = [one["weight_percent"] for one in domains if isinstance(one["weight_percent"], int)]
    return {
        "number": max(numbers, default=0) + 1,
        "weight_percent": max(WHOLE - sum(weights), 1),
        "names": {},
    }


def _new_task(tasks: Sequence[Mapping[str, Any]], domain: object) -> dict[str, Any]:
    """Return a task statement of a domain, with the first code that is free there."""
    known = {one["code"] for one in tasks}
    number = next(number for number in range(1, MOST_TASKS + 2) if f"{domain}.{number}" not in known)
    return {"code": f"{domain}.{number}", "domain": domain, "texts": {}}


def label_of(path: str) -> str:
    """Return the label of a path where it stands alone: "Domain, row 2: Name (Magyar)"."""
    name, *steps = path.split(".")
    if name in ("domains", "tasks") and steps:
        rows = {"domains": _("Domain, row %(number)s"), "tasks": _("Task statement, row %(number)s")}
        row = rows[name] % {"number": int(steps[0]) + 1}
        return f"{row}: {_inner(steps[1:])}" if len(steps) > 1 else row
    if name == "profile":
        return profile_fields.label_of(path)
    if name == "texts" and len(steps) == 1:
        return languages.name_of(steps[0])
    return _inner(steps) if name in ("facts", "texts") and steps else str(LABELS.get(name, name))


def _inner(steps: Sequence[str]) -> str:
    """Return the label of what is inside a row: names and texts are in a language."""
    language = next((step for step in steps if step in languages.CODES), "")
    name = "name" if steps[0] == "names" else steps[-1]
    label = str(LABELS.get(name, name))
    return f"{label} ({languages.name_of(language)})" if language else label


HEIGHTS: Final[Mapping[str, int]] = {"summary": 3, "description": 8, "covers": 2}
LINES: Final = ("name", "successor_name")


class CatalogPage(DraftPage):
    """What the site says of a certification, and what its questions belong to."""

    template = "admin/exams/catalog_draft.html"
    published = gettext_lazy("Published. The pages of the certification show it now.")
    whole = gettext_lazy("the whole certification")

    def context(self, editor: EditorContext) -> Mapping[str, Any]:
        """Return the fields in the order of the page."""
        content = editor.content
        weights = [one["weight_percent"] for one in content["domains"]]
        return {
            "facts": [
                editor.text_field(f"facts.{name}", LABELS[name], hint=HINTS.get(name, "")) for name in FACTS
            ],
            "planned": [
                (f"facts.{PLANNED}.{name}", LABELS[name], name in content["facts"].get(PLANNED, ()))
                for name in PLANNABLE
            ],
            "profile": profile_fields.context(editor),
            "texts": [(name in LINES, _in_languages(editor, "texts", name)) for name in WORDS],
            "domains": list(_domains(editor)),
            "tasks": list(_tasks(editor)),
            "numbers": [str(one["number"]) for one in content["domains"]],
            "weight": sum(one for one in weights if isinstance(one, int)),
            "whole_weight": WHOLE,
            "domain_remarks": editor.remarks_at("domains"),
            "labels": LABELS,
            "steps": reverse("admin:exams_certification_steps", args=[editor.draft.certification_id]),
        }

    def content_of(self, post: Fields, stored: Content) -> dict[str, Any]:
        """Return what a form holds; what it leaves out stays, what is no number stays as it was typed."""
        known = stored["facts"]
        facts = {name: post.get(f"facts.{name}", str(known.get(name, ""))).strip() for name in FACTS}
        planned = known.get(PLANNED, [])
        if PLANNED in post:
            planned = [name for name in PLANNABLE if f"facts.{PLANNED}.{name}" in post]
        return {
            "facts": facts | {name: typed_number(facts[name]) for name in NUMBERS} | {PLANNED: planned},
            "profile": profile_fields.content_of(post, stored.get("profile")),
            "texts": dict(_texts(post, stored["texts"])),
            "domains": _rows(post, "domains", "number", stored, _domain),
            "tasks": _rows(post, "tasks", "code", stored, _task),
        }

    def changed(self, content: dict[str, Any], post: Fields, draft: Draft) -> dict[str, Any]:
        """Return the content after a button: add or remove a domain or a task statement.

        What is no act, and a row too many, changes nothing.
        """
        name, _point, rest = post.get("do", "").partition(".")
        place = whole_number(rest, 3, -1)
        domains, tasks = list(content["domains"]), list(content["tasks"])
        if name == "add-domain" and len(domains) < MOST_DOMAINS:
            domains.append(_new_domain(domains))
        elif name == "add-task" and domains and len(tasks) < MOST_TASKS:
            tasks.append(_new_task(tasks, place if place > 0 else domains[-1]["number"]))
        elif name == "remove-domain":
            domains = [row for number, row in enumerate(domains) if number != place]
        elif name == "remove-task":
            tasks = [row for number, row in enumerate(tasks) if number != place]
        return {**content, "domains": domains, "tasks": tasks}

    def next_place(self, post: Fields) -> str:
        """Lead to the rows that were changed."""
        act = post.get("do", "save")
        return "#tasks" if "task" in act else "#domains" if "domain" in act else ""

    def label_of(self, path: str) -> str:
        """Return the label of a path."""
        return label_of(path)

    def differences(self, one: Content, other: Content) -> list[Difference]:
        """Return the fields in which two contents differ; planned facts are named as their fields are."""
        return super().differences(_with_labels(one), _with_labels(other))

    def places(self, editor: EditorContext) -> Sequence[tuple[str, str]]:
        """Return what a comment can be about: facts, each text, each domain and task statement."""
        texts = [f"texts.{language}.{name}" for language in editor.layout.languages for name in WORDS]
        rows = [
            f"{what}.{number}"
            for what in ("domains", "tasks")
            for number, _row in enumerate(editor.content[what])
        ]
        paths = (
            *(f"facts.{name}" for name in (*FACTS, PLANNED)),
            "profile",
            *texts,
            "domains",
            "tasks",
            *rows,
        )
        return [(path, self.label_of(path)) for path in paths]


def _with_labels(content: Content) -> dict[str, Any]:
    facts = content["facts"]
    return {**content, "facts": {**facts, PLANNED: [str(LABELS[name]) for name in facts.get(PLANNED, ())]}}


def _in_languages(editor: EditorContext, place: str, name: str) -> tuple[TextField, ...]:
    """Return a text in every language: `place` holds the languages, `name` is within them, if it is."""
    inner = "" if place.endswith("names") else f".{name}"
    rows = HEIGHTS.get(name, 2)
    return editor.in_languages(lambda language: f"{place}.{language}{inner}", LABELS[name], rows=rows)


def _domains(editor: EditorContext) -> Iterator[dict[str, Any]]:
    for number, domain in enumerate(editor.content["domains"]):
        place = f"domains.{number}"
        fields = [editor.text_field(f"{place}.{name}", LABELS[name]) for name in ("number", "weight_percent")]
        texts = [_in_languages(editor, f"{place}.names", "name")]
        yield {
            "number": number,
            "name": str(domain["number"]),
            "fields": fields,
            "texts": texts,
            "domain": domain["number"],
            "remarks": editor.remarks_at(place),
        }


def _tasks(editor: EditorContext) -> Iterator[dict[str, Any]]:
    for number, task in enumerate(editor.content["tasks"]):
        place = f"tasks.{number}"
        fields = [editor.text_field(f"{place}.code", LABELS["code"])]
        texts = [_in_languages(editor, f"{place}.texts", name) for name in ("title", "covers")]
        remarks = (*editor.remarks_at(place), *editor.remarks_at(f"{place}.domain"))
        yield {
            "number": number,
            "name": task["code"],
            "fields": fields,
            "texts": texts,
            "domain": task["domain"],
            "remarks": remarks,
        }


LANDING: Final = "exams:landing"
MOST_MISSING: Final = 10
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
        "form": form,
        "rows": [{"title": TITLES[step], "what": WHAT[step]} for step in Step],
        "back": list_of(Certification),
    }
    title = _("New certification")
    return admin_page(request, "admin/exams/certification_new.html", title, Certification, **context)


def steps_of(certification: Certification) -> str:
    """Return the address of the steps of a certification."""
    return reverse("admin:exams_certification_steps", args=[certification.pk])


@require_safe
@staff_view(rights.SEE)
def show_steps(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Show the steps in order: what is done, what is missing, and where it is done."""
    certification = row_or_404(Certification.objects.all(), object_id)
    context = {"back": page_of(certification), **context_of(certification, request.user)}
    title = _("Steps of %(code)s") % {"code": certification}
    return admin_page(request, "admin/exams/certification_steps.html", title, Certification, **context)


@dataclass(frozen=True, slots=True)
class Way:
    """Where a step is taken. `is_post` needs a form with a token, since it begins something."""

    label: str
    address: str
    is_post: bool = False


def context_of(certification: Certification, person: User) -> dict[str, Any]:
    """Return the rows, and how many of them are done."""
    standing = certifications.standing(certification)
    rows = [_row(standing, step, person) for step in Step]
    return {
        "certification": certification,
        "rows": rows,
        "done": sum(row["is_done"] for row in rows),
        "is_whole": standing.next_step is None,
    }


def _row(standing: Standing, step: Step, person: User) -> dict[str, Any]:
    missing = [f"{label_of(block.field)}: {block.sentence}" for block in standing.blocks(step)]
    return {
        "title": TITLES[step],
        "what": WHAT[step],
        "is_done": standing.is_done(step),
        "is_next": standing.next_step == step,
        "note": _step_note(standing, step),
        "missing": tuple(missing[:MOST_MISSING]) if step in (Step.FACTS, Step.TOPICS) else (),
        "ways": tuple(_ways(standing, step, person)),
    }


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
        % {"found": standing.questions, "wanted": standing.questions_needed}
        if standing.questions_needed
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
    if not standing.sale.closed:
        return _("No product includes it: everybody with a confirmed email address can take it for free.")
    if standing.sale.offers:
        names = ", ".join(offer.slug for offer in standing.sale.offers)
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
    of_it = {"certification__id__exact": certification.pk}
    if writes and certification.is_written:
        chosen = urlencode({"certification": certification.pk})
        yield Way(_("New question"), f"{reverse('admin:exams_item_new_question')}?{chosen}")
        yield Way(_("Import questions"), f"{reverse('admin:exams_importfile_new_import')}?{chosen}")
    yield Way(_("Published questions"), list_of(Item, **of_it))
    yield Way(_("Drafts"), list_of(Draft, **of_it, kind=items.NAME))


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
            yield Way(_("Open the proposal"), page_of(waits))
        else:
            put = reverse("admin:exams_certification_put_on_site", args=[certification.pk])
            yield Way(_("Put it on the site"), put)
