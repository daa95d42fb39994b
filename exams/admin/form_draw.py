"""Drawing a drafted exam from the bank: a plan as a form, the exam that fulfills it, or why there is none."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest
from exams.admin import draft_fields, draft_pages
from exams.admin.draft_views import address, staff_view
from exams.assembly.drawing import Bounds, DrawnItem, FormPlan, Impossible, draw
from exams.authoring import rights, services
from exams.authoring.forms import MOST_ITEMS, NAME, candidates
from exams.authoring.models import Draft
from exams.catalogue.models import Certification, Domain
from exams.content.records import DomainRecord
from exams.content.rules.sample import by_weight
from exams.presentation import item_fields, shortages

SEEDS: Final = 1_000_000
PARTED: Final = re.compile(r"[\s,;]+")


def _codes(label: Any, hint: Any) -> Callable[[], forms.CharField]:  # noqa: ANN401
    return lambda: forms.CharField(
        label=label, help_text=hint, required=False, max_length=20_000, widget=forms.Textarea({"rows": 2})
    )


LISTS: Final[Mapping[str, Callable[[], forms.CharField]]] = {
    "covers": _codes(
        gettext_lazy("Must be covered"),
        gettext_lazy("Codes of the topics that scored questions have to test together, with spaces between."),
    ),
    "fixed": _codes(gettext_lazy("Must be included"), gettext_lazy("Codes of questions.")),
    "excluded": _codes(gettext_lazy("Must not be included"), gettext_lazy("Codes of questions.")),
}


class PlanForm(forms.Form):
    """What the exam has to be; the fields of domains and bounds are those of the certification."""

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
        for name, make in LISTS.items():
            self.fields[name] = make()
        self.fields["fresh"] = forms.BooleanField(
            label=_("Only questions that are in no exam"), required=False
        )
        self.fields["seed"] = forms.IntegerField(
            label=_("Seed"),
            min_value=0,
            max_value=SEEDS,
            help_text=_("The same number and plan give the same exam, as long as the bank stays the same."),
        )
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
        return [self[name] for name in (*LISTS, "fresh", "seed")]


def _listed(given: str) -> frozenset[str]:
    return frozenset(filter(None, PARTED.split(given)))


def _count(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=MOST_ITEMS)


def _traits() -> dict[str, tuple[str, str, str]]:
    """Return what may be bounded: which trait, its value, and its name."""
    kinds = {f"kind.{value}": ("kind", value, str(label)) for value, label in item_fields.KINDS}
    return kinds | {
        f"difficulty.{value}": ("difficulty", value, str(label)) for value, label in draft_fields.DIFFICULTIES
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
    draft = draft_pages.draft_of(object_id, NAME)
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
    given = request.POST.get("revision", "")
    items = [{"code": item.code, "scored": item.is_scored} for item in drawn]
    services.save(
        draft_id=draft.pk,
        revision=int(given) if given.isdecimal() and len(given) < 10 else 0,
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
    is_fine = not (form.errors or impossible or refused)
    status = refused.status if refused else HTTPStatus.OK if is_fine else HTTPStatus.UNPROCESSABLE_ENTITY
    context = {
        **admin.site.each_context(request),
        "title": _("Draw questions: %(exam)s") % {"exam": str(draft)},
        "draft": draft,
        "revision": request.POST.get("revision", draft.revision),
        "form": form,
        "impossible": impossible,
        "reasons": [shortages.sentence(shortage) for shortage in impossible.shortages] if impossible else [],
        "refused": refused,
        "back": address(draft),
        "opts": Draft._meta,
    }
    return render(request, "admin/exams/form_draw.html", context, status=status)
