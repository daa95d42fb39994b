"""The editor of an exam: how a draft begins, its numbers and questions, its drawing and its proof sheet.

Every button sends the whole form, so nothing that was typed is lost by moving or looking for a question.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import OuterRef, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from accounts.admin import own_jobs
from accounts.base.errors import Refused
from accounts.jobs import services as jobs
from accounts.users.requests import SignedInRequest, whole_number
from exams.admin import draft_editor, search
from exams.admin.draft_editor import (
    BeginningForm,
    Difference,
    DraftPage,
    EditorContext,
    Fields,
    TextField,
    address,
    begin,
    rows_in,
    typed_number,
)
from exams.admin.requests import admin_page, staff_view
from exams.assembly.drawing import Bounds, DrawnItem, FormPlan, Impossible, draw
from exams.assembly.models import ExamForm
from exams.authoring import proof, rights, services
from exams.authoring.forms import FIELDS, MOST_ITEMS, NAME, PREFIX, candidates, number_of
from exams.authoring.kinds import Content, Remark
from exams.authoring.models import OPEN, Draft
from exams.authoring.proof import Proof
from exams.bank.models import Item
from exams.catalog.models import Certification, Domain
from exams.content.records import DomainRecord
from exams.content.rules.sample import by_weight
from exams.presentation import item_fields, shortages
from exams.presentation.item_fields import DIFFICULTIES

MOST: Final = 999


def taken(certification: Certification) -> set[int]:
    """Return the numbers that exams and open drafts of exams have. Two statements."""
    names = Draft.objects.filter(kind=NAME, certification=certification, state__in=OPEN)
    numbers = ExamForm.objects.filter(certification=certification).values_list("number", flat=True)
    return {*numbers, *(number_of(name) for name in names.values_list("name", flat=True))}


class NewForm(BeginningForm):
    """Of which certification a new exam is, and its number: the next free one where none is given."""

    number = forms.IntegerField(
        label=gettext_lazy("Number"),
        required=False,
        min_value=1,
        max_value=MOST,
        help_text=gettext_lazy("Leave it empty for the next free number. It never changes."),
        widget=UnfoldAdminIntegerFieldWidget(),
    )

    @property
    def name(self) -> str:
        """The name of the draft, once the form is valid."""
        return f"{PREFIX}{self.cleaned_data['number']}"

    def clean(self) -> dict[str, object]:
        """Choose the number, or check that no exam and no draft has it."""
        values: dict[str, object] = super().clean() or {}
        certification, number = values.get("certification"), values.get("number")
        if not isinstance(certification, Certification) or "number" in self.errors:
            return values
        known = taken(certification)
        if number in known:
            self.add_error("number", _("There is an exam or a draft with this number already."))
        elif number is None and max(known, default=0) >= MOST:
            self.add_error("number", _("No number is free after the last one. Choose one."))
        return values | {"number": number or max(known, default=0) + 1}


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def new(request: SignedInRequest) -> HttpResponse:
    """Ask for certification and number, then begin the draft of a new exam."""
    form = NewForm(request.POST or None, initial=request.GET.dict())
    return begin(request, form, kind=NAME, title=_("New exam"), model=ExamForm)


NUMBERS: Final = FIELDS[:4]
LABELS: Final[Mapping[str, Promise]] = {
    "minutes": gettext_lazy("Minutes"),
    "pass_mark": gettext_lazy("Passing score"),
    "scale_min": gettext_lazy("Lowest score"),
    "scale_max": gettext_lazy("Highest score"),
    "weights": gettext_lazy("Weights"),
    "items": gettext_lazy("Questions"),
}
SCORED: Final = pgettext_lazy("of a question", "scored")
UNSCORED: Final = pgettext_lazy("of a question", "unscored")
CODE: Final = re.compile(r"[\s,;]+")


def _ordered(post: Fields) -> list[dict[str, Any]]:
    """Return the rows; one whose place was changed goes there, the others keep their order."""
    numbers = rows_in(post, r"items\.(\d{1,3})\.code")
    rows = [
        {"code": post[f"items.{number}.code"], "scored": f"items.{number}.scored" in post}
        for number in numbers
    ]
    kept, moved = [], []
    for index, (number, row) in enumerate(zip(numbers, rows, strict=True)):
        place = typed_number(post.get(f"items.{number}.place", ""))
        if isinstance(place, int) and place != number + 1:
            moved.append((place, index, row))
        else:
            kept.append(row)
    for place, _index, row in sorted(moved, key=lambda one: one[:2]):
        kept.insert(max(place - 1, 0), row)
    return kept


def changed(content: dict[str, Any], act: str, codes: str = "") -> dict[str, Any]:
    """Return the content after a button: move or remove a question, add those of some codes."""
    name, _point, rest = act.partition(".")
    items = list(content["items"])
    if name == "add":
        return {**content, "items": [*items, *_added(items, rest or codes)]}
    place = whole_number(rest, 3, -1)
    if not 0 <= place < len(items):
        return content
    if name == "remove":
        del items[place]
    elif name in {"up", "down"}:
        row = items.pop(place)
        items.insert(max(place - 1, 0) if name == "up" else place + 1, row)
    return {**content, "items": items}


def _added(items: Sequence[Mapping[str, Any]], codes: str) -> Iterator[dict[str, Any]]:
    """Yield new rows, those that are there already left out."""
    known = {one["code"] for one in items}
    for code in CODE.split(codes.strip()):
        if code and code not in known and len(known) < MOST_ITEMS:
            known.add(code)
            yield {"code": code, "scored": True}


def _as_text(content: Content, name: str) -> str:
    if name == "items":
        return "\n".join(f"{one['code']} {SCORED if one['scored'] else UNSCORED}" for one in content["items"])
    if name == "weights":
        return "\n".join(f"{number}: {weight} %" for number, weight in sorted(content["weights"].items()))
    return str(content[name])


FOUND: Final = 20


def rows(
    certification: Certification, items: Sequence[Mapping[str, Any]], remarks: Sequence[Remark]
) -> list[dict[str, Any]]:
    """Return the rows of an exam, each with what the rules say about it. One statement."""
    by_code = {
        item.code: item for item in _with_words(certification).filter(code__in=[one["code"] for one in items])
    }
    return [
        _row(number, item["code"], item["scored"], by_code.get(item["code"]), remarks)
        for number, item in enumerate(items)
    ]


def addable_items(certification: Certification, term: str, without: Sequence[str]) -> list[dict[str, Any]]:
    """Return published questions that have every word, none of those without. One statement."""
    if not term.strip():
        return []
    able = _with_words(certification).filter(current__isnull=False).exclude(code__in=without)
    able = able.exclude(versions__sample_items__isnull=False)
    items = search.search_items(able, term, fields=("code", "coverage", "task__code"), by="item")
    return [
        _row(number, item.code, True, item, ()) for number, item in enumerate(items.order_by("code")[:FOUND])
    ]


def _with_words(certification: Certification) -> QuerySet[Item]:
    rows = Item.objects.filter(certification=certification).select_related("task__domain", "current")
    return rows.annotate(words=search.stem(OuterRef("current"), "certification__original_language"))


def _row(
    number: int, code: str, scored: bool, item: Item | None, remarks: Sequence[Remark]
) -> dict[str, Any]:
    current = item.current if item else None
    return {
        "number": number,
        "code": code,
        "scored": scored,
        "item_id": item.pk if item else None,
        "words": search.excerpt(getattr(item, "words", "")),
        "domain": str(item.task.domain.number) if item else "",
        "task": item.task.code if item else "",
        "kind": str(dict(item_fields.KIND_LABELS).get(current.kind, "")) if current else "",
        "difficulty": str(DIFFICULTIES.get(current.difficulty, "")) if current else "",
        "remarks": tuple(one for one in remarks if one.field == f"items.{number}"),
    }


class FormPage(DraftPage):
    """Minutes, scores, weights, and questions in their order."""

    template = "admin/exams/form_draft.html"
    published = gettext_lazy("Published. Whoever takes this exam now keeps the edition they began.")
    whole = gettext_lazy("the whole exam")
    has_texts = False

    def context(self, editor: EditorContext) -> Mapping[str, Any]:
        """Return numbers, weights and rows, each with what is said about it, and what a search found."""
        certification, items = editor.draft.certification, editor.content["items"]
        term = editor.query.get("q", "")
        codes = [one["code"] for one in items]
        return {
            "numbers": [editor.text_field(name, LABELS[name]) for name in NUMBERS],
            "weights": _weights(editor),
            "rows": rows(certification, items, editor.remarks),
            "scored": sum(one["scored"] for one in items),
            "q": term,
            "found": addable_items(certification, term, codes) if editor.layout.is_open else [],
        }

    def content_of(self, post: Fields, stored: Content) -> dict[str, Any]:
        """Return the content that a form holds, in the order that its places ask for.

        What a form leaves out stays as it is stored; what is no number stays as it was typed.
        """
        weights = rows_in(post, r"weights\.(\d{1,2})")
        return {
            **{name: typed_number(post[name]) if name in post else stored[name] for name in NUMBERS},
            "weights": {
                str(number): typed_number(post[f"weights.{number}"])
                for number in weights
                if post[f"weights.{number}"].strip()
            }
            if weights
            else stored["weights"],
            "items": _ordered(post) if "items" in post else stored["items"],
        }

    def changed(self, content: dict[str, Any], post: Fields, draft: Draft) -> dict[str, Any]:
        """Add, move or remove questions. Whichever button was pressed, codes that were typed are not lost."""
        codes = post.get("codes", "")
        done = changed(content, post.get("do", "save"), codes)
        return changed(done, "add", codes) if codes else done

    def next_place(self, post: Fields) -> str:
        """Lead to what was found, or to the questions that were moved."""
        act, query = post.get("do", "save"), post.get("q", "").strip()
        query_string = f"?{urlencode({'q': query})}" if query else ""
        if act == "save":
            return query_string
        is_looking = bool(query) and act.partition(".")[0] in {"search", "add"}
        return f"{query_string}#{'found' if is_looking else 'items'}"

    def label_of(self, path: str) -> str:
        """Return what people call a field by its path."""
        name, _point, rest = path.partition(".")
        if name == "items" and rest:
            return _("Question %(number)s") % {"number": int(rest.partition(".")[0]) + 1}
        if name == "weights" and rest:
            return _("Domain %(number)s") % {"number": rest}
        return str(LABELS.get(name, name))

    def differences(self, one: Content, other: Content) -> list[Difference]:
        """Return the fields in which two contents differ, as texts."""
        pairs = ((name, LABELS[name], _as_text(one, name), _as_text(other, name)) for name in FIELDS)
        return [Difference(name, str(label), a, b) for name, label, a, b in pairs if a != b]


def _weights(editor: EditorContext) -> list[TextField]:
    """Return the weight of each domain that the blueprint or the exam has. One statement."""
    current = Domain.objects.filter(certification=editor.draft.certification, is_current=True)
    numbers = {str(number) for number in current.values_list("number", flat=True)}
    numbers |= set(editor.content["weights"])
    return [
        editor.text_field(f"weights.{number}", _("Domain %(number)s") % {"number": number})
        for number in sorted(numbers, key=int)
    ]


SEEDS: Final = 1_000_000
PARTED: Final = re.compile(r"[\s,;]+")


def _codes(label: Any, hint: Any) -> forms.CharField:  # noqa: ANN401
    return forms.CharField(
        label=label, help_text=hint, required=False, max_length=20_000, widget=forms.Textarea({"rows": 2})
    )


class PlanForm(forms.Form):
    """What the exam has to be; the fields of domains and bounds are those of the certification."""

    covers = _codes(
        gettext_lazy("Must be covered"),
        gettext_lazy("Codes of the topics that scored questions have to test together, with spaces between."),
    )
    fixed = _codes(gettext_lazy("Must be included"), gettext_lazy("Codes of questions."))
    excluded = _codes(gettext_lazy("Must not be included"), gettext_lazy("Codes of questions."))
    fresh = forms.BooleanField(label=gettext_lazy("Only questions that are in no exam"), required=False)
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        min_value=0,
        max_value=SEEDS,
        help_text=gettext_lazy(
            "The same number and plan give the same exam, as long as the bank stays the same."
        ),
    )

    def __init__(self, domains: tuple[DomainRecord, ...], *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.domains = domains
        for domain in domains:
            for what, label in (("scored", _("scored")), ("unscored", _("unscored"))):
                self.fields[f"{what}.{domain.number}"] = _count(
                    _("Domain %(number)s, %(what)s") % {"number": domain.number, "what": label}
                )
        for name, (_what, _value, label) in _traits().items():
            self.fields[f"least.{name}"] = _count(_("%(what)s: at least") % {"what": label})
            self.fields[f"most.{name}"] = _count(_("%(what)s: at most") % {"what": label})
        for name, field in self.fields.items():
            if name.partition(".")[2]:
                # Fields of a table have no label beside them.
                field.widget.attrs["aria-label"] = field.label

    def clean(self) -> dict[str, Any]:
        """Check that there is something to draw, and that bounds are in order."""
        values: dict[str, Any] = super().clean() or {}
        if self.errors:
            return values
        size = sum(self._counts("scored", values).values())
        if not size:
            self.add_error(None, _("Say how many scored questions the exam has."))
        if size + sum(self._counts("unscored", values).values()) > MOST_ITEMS:
            self.add_error(None, _("An exam has at most %(most)s questions.") % {"most": MOST_ITEMS})
        for name in _traits():
            least, most = values[f"least.{name}"], values[f"most.{name}"]
            if least is not None and most is not None and least > most:
                self.add_error(f"most.{name}", _("This is less than the least."))
        return values

    def plan(self) -> FormPlan:
        """Return what was asked for."""
        values = self.cleaned_data
        return FormPlan(
            scored=self._counts("scored", values),
            unscored=self._counts("unscored", values),
            kinds=dict(_bounds("kind", values)),
            difficulties=dict(_bounds("difficulty", values)),
            covers=_listed(values["covers"]),
            fixed=_listed(values["fixed"]),
            excluded=_listed(values["excluded"]),
            fresh=values["fresh"],
        )

    def _counts(self, what: str, values: Mapping[str, Any]) -> dict[int, int]:
        counts = {domain.number: values.get(f"{what}.{domain.number}") or 0 for domain in self.domains}
        return {number: count for number, count in counts.items() if count}

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the fields of each domain beside each other."""
        for domain in self.domains:
            yield {
                "domain": domain,
                "scored": self[f"scored.{domain.number}"],
                "unscored": self[f"unscored.{domain.number}"],
            }

    def bounds(self) -> Iterator[dict[str, Any]]:
        """Yield the fields of each bound beside each other."""
        for name, (_what, _value, label) in _traits().items():
            yield {"label": label, "least": self[f"least.{name}"], "most": self[f"most.{name}"]}

    def others(self) -> list[Any]:
        """Return the fields below the tables."""
        return [self[name] for name in self.base_fields]


def _listed(given: str) -> frozenset[str]:
    return frozenset(filter(None, PARTED.split(given)))


def _count(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=MOST_ITEMS)


def _traits() -> dict[str, tuple[str, str, str]]:
    """Return what may be bounded: which trait, its value, and its name."""
    kinds = {f"kind.{value}": ("kind", value, str(label)) for value, label in item_fields.KIND_LABELS}
    return kinds | {
        f"difficulty.{value}": ("difficulty", value, str(label)) for value, label in DIFFICULTIES.items()
    }


def _bounds(what: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Bounds]]:
    for name, (trait, value, _label) in _traits().items():
        least, most = values[f"least.{name}"], values[f"most.{name}"]
        if trait == what and (least is not None or most is not None):
            yield value, Bounds(least or 0, MOST_ITEMS if most is None else most)


def domains_of(certification: Certification) -> tuple[DomainRecord, ...]:
    """Return the domains of the blueprint. One statement."""
    rows = Domain.objects.filter(certification=certification, is_current=True).order_by("number")
    return tuple(DomainRecord(domain.number, str(domain), domain.weight_percent) for domain in rows)


def usual(certification: Certification, domains: tuple[DomainRecord, ...]) -> dict[str, Any]:
    """Return the plan of the real exam: as many questions as it has, by the weights of the domains."""
    scored = by_weight(domains, certification.items_scored)
    unscored = by_weight(domains, max(certification.items_total - certification.items_scored, 0))
    return {
        **{f"scored.{number}": count for number, count in scored.items()},
        **{f"unscored.{number}": count for number, count in unscored.items()},
        "seed": secrets.randbelow(SEEDS),
    }


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def draw_view(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Ask for a plan; fill the draft with the exam that fulfills it, or say why none was found."""
    draft = draft_editor.draft_of(object_id, NAME)
    domains = domains_of(draft.certification)
    form = PlanForm(domains, request.POST or None, initial=usual(draft.certification, domains))
    if not form.is_valid():
        return _page(request, draft, form)
    try:
        drawn = draw(candidates(draft.certification), form.plan(), seed=form.cleaned_data["seed"])
        _fill(request, draft, drawn)
    except Impossible as impossible:
        return _page(request, draft, form, impossible=impossible)
    except Refused as refused:
        return _page(request, draft, form, refused=refused)
    sentence = ngettext("%(count)s question drawn.", "%(count)s questions drawn.", len(drawn))
    messages.success(request, sentence % {"count": len(drawn)})
    return HttpResponseRedirect(address(draft))


def _fill(request: SignedInRequest, draft: Draft, drawn: tuple[DrawnItem, ...]) -> None:
    """Put the questions into the draft. Raises Refused, stale_draft where it was saved meanwhile."""
    items = [{"code": item.code, "scored": item.is_scored} for item in drawn]
    services.save(
        draft_id=draft.pk,
        revision=whole_number(request.POST.get("revision"), 9, 0),
        content={**draft.content, "items": items},
        actor=request.user,
    )


def _page(
    request: SignedInRequest,
    draft: Draft,
    form: PlanForm,
    *,
    impossible: Impossible | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    reasons = [shortages.sentence(shortage) for shortage in impossible.shortages] if impossible else []
    context = {
        "draft": draft,
        "revision": request.POST.get("revision", draft.revision),
        "form": form,
        "impossible": impossible,
        "reasons": reasons,
        "refused": refused,
        "back": address(draft),
    }
    title = _("Draw questions: %(exam)s") % {"exam": str(draft)}
    response = admin_page(request, "admin/exams/form_draw.html", title, Draft, **context)
    if impossible:
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return response


@require_http_methods(["GET", "POST"])
@staff_view(rights.SEE)
def proof_view(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Show the figures; POST has them set as PDF, once for each revision."""
    draft = draft_editor.draft_of(object_id, NAME)
    if request.method == "POST":
        parameters = {"draft": draft.pk, "revision": draft.revision}
        job = jobs.start_own(proof.KIND, owner=request.user, parameters=parameters)
        return HttpResponseRedirect(own_jobs.url_of(job))
    facts = proof.proof(draft.certification, draft.content)
    context = {"draft": draft, "proof": facts, "tables": list(_tables(facts)), "back": address(draft)}
    title = _("Proof sheet: %(exam)s") % {"exam": str(draft)}
    return admin_page(request, "admin/exams/form_proof.html", title, Draft, **context)


def _tables(facts: Proof) -> Iterator[tuple[str, str, list[tuple[Any, int]]]]:
    """Yield what is counted: the title of each table, the head of its first column, its rows."""
    yield _("By task statement"), _("Task"), list(facts.tasks)
    yield _("Question types"), _("Kind"), _labeled_counts(facts.kinds, item_fields.KIND_LABELS)
    yield _("Difficulty"), _("Difficulty"), _labeled_counts(facts.difficulties, DIFFICULTIES.items())
    yield _("Keys of questions with one answer"), _("Letter"), list(facts.single_keys)
    yield _("Keys of questions with several answers"), _("Letter"), list(facts.multiple_keys)


def _labeled_counts(
    rows: Iterable[tuple[str, int]], names: Iterable[tuple[str, Promise]]
) -> list[tuple[Any, int]]:
    known = dict(names)
    return [(known.get(name, name), count) for name, count in rows]
