"""The page of a drafted certification: facts, texts by language side by side, domains and task statements."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from exams.admin import catalogue_fields, draft_fields, profile_fields
from exams.admin.catalogue_fields import HINTS, LABELS, WORDS
from exams.admin.draft_fields import TextField
from exams.admin.draft_pages import Desk, DraftPage, Fields
from exams.authoring.catalogue import FACTS, WHOLE
from exams.authoring.kinds import Content, Remark
from exams.authoring.models import Draft

HEIGHTS: Final[Mapping[str, int]] = {"summary": 3, "description": 8, "covers": 2}
LINES: Final = ("name", "successor_name")


@dataclass(frozen=True, slots=True)
class Row:
    """A domain or a task statement: its own fields, its texts side by side, and what is said of it."""

    number: int
    name: str
    fields: tuple[TextField, ...]
    texts: tuple[tuple[TextField, ...], ...]
    domain: object = ""
    said: tuple[Remark, ...] = ()


class CataloguePage(DraftPage):
    """What the site says of a certification, and what its questions belong to."""

    template = "admin/exams/catalogue_draft.html"
    published = _("Published. The pages of the certification show it now.")
    whole = _("the whole certification")

    def context(self, desk: Desk) -> Mapping[str, Any]:
        """Return the fields in the order of the page."""
        content = desk.content
        weights = [one["weight_percent"] for one in content["domains"]]
        return {
            "facts": [_fact(desk, name) for name in FACTS if name != "status"],
            "status": {"said": desk.said("facts.status"), "value": content["facts"]["status"]},
            "statuses": catalogue_fields.STATUSES,
            "profile": profile_fields.context(desk),
            "texts": [(name in LINES, _spoken(desk, "texts", name)) for name in WORDS],
            "domains": list(_domains(desk)),
            "tasks": list(_tasks(desk)),
            "numbers": [str(one["number"]) for one in content["domains"]],
            "weight": sum(one for one in weights if isinstance(one, int)),
            "whole_weight": WHOLE,
            "domains_said": desk.said("domains"),
            "labels": LABELS,
            "steps": reverse("admin:exams_certification_steps", args=[desk.draft.certification_id]),
        }

    def content_of(self, post: Fields, stored: Content) -> dict[str, Any]:
        """Return the content that the form holds."""
        return catalogue_fields.content_of(post, stored)

    def changed(self, content: dict[str, Any], post: Fields, draft: Draft) -> dict[str, Any]:
        """Add or remove a domain or a task statement."""
        return catalogue_fields.changed(content, post.get("do", "save"))

    def next_place(self, post: Fields) -> str:
        """Lead to the rows that were changed."""
        act = post.get("do", "save")
        return "#tasks" if "task" in act else "#domains" if "domain" in act else ""

    def label_of(self, path: str) -> str:
        """Return the label of a path."""
        return catalogue_fields.label_of(path)

    def places(self, desk: Desk) -> Sequence[tuple[str, str]]:
        """Return what a comment can be about: facts, each text, each domain and task statement."""
        texts = [f"texts.{language}.{name}" for language in desk.layout.languages for name in WORDS]
        rows = [
            f"{what}.{number}"
            for what in ("domains", "tasks")
            for number, _row in enumerate(desk.content[what])
        ]
        paths = (*(f"facts.{name}" for name in FACTS), "profile", *texts, "domains", "tasks", *rows)
        return [(path, self.label_of(path)) for path in paths]


def _fact(desk: Desk, name: str) -> TextField:
    path = f"facts.{name}"
    return _field(desk, path, str(LABELS[name]), "", hint=str(HINTS.get(name, "")))


def _field(desk: Desk, path: str, label: str, language: str, *, rows: int = 1, hint: str = "") -> TextField:
    layout = desk.layout
    return TextField(
        name=path,
        label=label,
        full=catalogue_fields.label_of(path),
        value=str(draft_fields.value_at(desk.content, path)),
        language=language,
        is_original=language in ("", layout.original),
        is_open=layout.writes(language) if language else layout.structure_open,
        rows=rows,
        hint=hint,
        said=tuple(desk.said(path)),
    )


def _spoken(desk: Desk, place: str, name: str) -> tuple[TextField, ...]:
    """Return a text in every language: `place` holds the languages, `name` is within them, if it is."""
    label, rows = str(LABELS[name]), HEIGHTS.get(name, 2)
    inner = "" if place.endswith("names") else f".{name}"
    return tuple(
        _field(desk, f"{place}.{language}{inner}", label, language, rows=rows)
        for language in desk.layout.languages
    )


def _domains(desk: Desk) -> Iterator[Row]:
    for number, one in enumerate(desk.content["domains"]):
        place = f"domains.{number}"
        fields = [
            _field(desk, f"{place}.{name}", str(LABELS[name]), "") for name in ("number", "weight_percent")
        ]
        texts = (_spoken(desk, f"{place}.names", "name"),)
        yield Row(number, str(one["number"]), tuple(fields), texts, one["number"], tuple(desk.said(place)))


def _tasks(desk: Desk) -> Iterator[Row]:
    for number, one in enumerate(desk.content["tasks"]):
        place = f"tasks.{number}"
        fields = (_field(desk, f"{place}.code", str(LABELS["code"]), ""),)
        texts = tuple(_spoken(desk, f"{place}.texts", name) for name in ("title", "covers"))
        said = (*desk.said(place), *desk.said(f"{place}.domain"))
        yield Row(number, one["code"], fields, texts, one["domain"], said)
