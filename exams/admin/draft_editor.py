"""The page of a draft, whatever its kind: who may write, what is stored, conflicts, people, comments.

It works as a plain form; `draft_actions` answers what its script asks and does what its buttons say. Each
kind has a `DraftPage` of its own at the same address, registered in AppConfig.ready.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from accounts.base import hooks
from accounts.base.errors import Refused, Text
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, whole_number
from exams.admin.requests import admin_page, certification_field, form_page, staff_view
from exams.authoring import kinds, rights, selectors, services
from exams.authoring.kinds import Content, Remark
from exams.authoring.models import OPEN, Draft, State
from exams.catalog.models import Certification
from exams.presentation.item_fields import label_of
from exams.presentation.word_diff import Piece, marked
from i18n import languages


@dataclass(frozen=True, slots=True)
class TextField:
    """A text in one language. `name` is its path; `full` is its label where it stands alone."""

    name: str
    label: str
    full: str
    value: str
    language: str
    is_original: bool
    is_open: bool
    rows: int
    hint: str = ""
    remarks: tuple[Remark, ...] = ()

    @property
    def language_name(self) -> str:
        """What its language is called."""
        return languages.name_of(self.language)


@dataclass(frozen=True, slots=True)
class Layout:
    """Who may write what: `original` leads, then the other languages in their order."""

    original: str
    is_open: bool
    only_translations: bool

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages, the original first."""
        return (self.original, *(code for code in languages.CODES if code != self.original))

    @property
    def named(self) -> list[tuple[str, str]]:
        """Return the languages with what they are called, the original first."""
        return [(code, languages.name_of(code)) for code in self.languages]

    @property
    def structure_open(self) -> bool:
        """Tell whether anything but texts may be changed."""
        return self.is_open and not self.only_translations

    def writes(self, language: str) -> bool:
        """Tell whether texts in a language may be changed."""
        return self.is_open and not (self.only_translations and language == self.original)


def value_at(content: Mapping[str, Any], path: str) -> object:
    """Return what content has at a path, an empty text where it has nothing."""
    value: Any = content
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step, "")
        else:
            value = value[int(step)] if isinstance(value, list) and int(step) < len(value) else {}
    return value if value != {} else ""


def flat(content: Content) -> dict[str, str]:
    """Return every value of a content as a text, by its path, in the order of the editor."""
    return dict(_flat(content, ""))


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list) and _has_rows(value):
        for number, inner in enumerate(value):
            yield from _flat(inner, f"{path}.{number}")
    else:
        yield path, ", ".join(value) if isinstance(value, list) else _as_text(value)


def _has_rows(value: list[Any]) -> bool:
    """Tell whether a list is one of rows with fields, and not of words."""
    return any(isinstance(one, Mapping) for one in value)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which two contents differ."""

    field: str
    label: str
    one: str
    other: str

    @property
    def pieces(self) -> Sequence[Piece]:
        """Return both texts word by word, what went and what came marked."""
        return marked(self.one, self.other)


def differences(one: Content, other: Content, label: Callable[[str], str] = label_of) -> list[Difference]:
    """Return where two contents differ, in the order of the editor. Drawings are only named."""
    first, second = flat(one), flat(other)
    return [
        Difference(path, label(path), first.get(path, ""), second.get(path, ""))
        for path in dict.fromkeys((*first, *second))
        if first.get(path, "") != second.get(path, "") and not path.endswith(".svg")
    ]


def have_same_rows(one: Content, other: Content) -> bool:
    """Tell whether every list of rows that both contents have has as many in both."""
    first, second = dict(_counts(one, "")), dict(_counts(other, ""))
    return all(second[path] == count for path, count in first.items() if path in second)


def _counts(value: Any, path: str) -> Iterator[tuple[str, int]]:  # noqa: ANN401
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _counts(inner, f"{path}.{name}")
    elif isinstance(value, list) and (not value or _has_rows(value)):
        yield path, len(value)
        for number, inner in enumerate(value):
            yield from _counts(inner, f"{path}.{number}")


type Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EditorContext:
    """A draft in the editor: its content as stored or as typed, who may write what, what the rules say.

    `wrong` holds the sentence for each field that could not be stored, `query` what the address asks, `sent`
    what was posted and `refused` why it was not done; `person` is who reads it. `changed` holds the fields
    that differ from what is published, where a reviewer sees these first.
    """

    draft: Draft
    content: Content
    layout: Layout
    remarks: Sequence[Remark] = ()
    wrong: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, str] = field(default_factory=dict)
    refused: Refused | None = None
    person: User | None = None
    changed: Sequence[str] = ()

    def remarks_at(self, name: str) -> list[Remark]:
        """Return what is to be said at a field, what could not be stored first."""
        wrong = [Remark(name, "stored", self.wrong[name], blocks=True)] if name in self.wrong else []
        return [*wrong, *(remark for remark in self.remarks if remark.field == name)]

    def text_field(
        self, name: str, label: Text, language: str = "", *, rows: int = 1, hint: Text = ""
    ) -> TextField:
        """Return the field at a path of the content, for a text in a language or something that has none."""
        return TextField(
            name=name,
            label=str(label),
            full=page_of(self.draft).label_of(name),
            value=_line(value_at(self.content, name)),
            language=language,
            is_original=language in ("", self.layout.original),
            is_open=self.layout.writes(language) if language else self.layout.structure_open,
            rows=rows,
            hint=str(hint),
            remarks=tuple(self.remarks_at(name)),
        )

    def in_languages(
        self, path: Callable[[str], str], label: Text, *, rows: int = 1, hint: Text = ""
    ) -> tuple[TextField, ...]:
        """Return a text in every language, the original first; only that has the hint."""
        original = self.layout.original
        return tuple(
            self.text_field(
                path(language), label, language, rows=rows, hint=hint if language == original else ""
            )
            for language in self.layout.languages
        )


def _line(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


def typed_number(text: str) -> int | str:
    """Return the whole number that somebody typed, else what they typed, for the kind to refuse."""
    return whole_number(text.strip(), 6, text.strip())


def rows_in(post: Fields, shape: str) -> list[int]:
    """Return the numbers of the rows of a form in order; `shape` is the pattern of a field that each has."""
    numbers = {match[1] for name in post if (match := re.fullmatch(shape, name))}
    # A row 01 is none: its fields would be looked for under 1.
    return sorted(int(number) for number in numbers if number == str(int(number)))


def listed(post: Fields, name: str, stored: Sequence[str], parted: str = r"[\s,;]+") -> list[str]:
    """Return what a form lists in one field; what is stored where it has no such field."""
    if name not in post:
        return list(stored)
    parts = (" ".join(part.split()) for part in re.split(parted, post[name]))
    return list(dict.fromkeys(filter(None, parts)))


class DraftPage:
    """How a kind is laid out and read back. Names of fields are paths of the content.

    `published` is what the page says once a draft is published, `whole` what a comment on no field is about.
    Where a kind has no texts, `has_texts` is false, and a translator only reads.
    """

    template: ClassVar[str]
    published: ClassVar[Promise]
    whole: ClassVar[Promise]
    preview_template: ClassVar[str] = "admin/exams/preview.html"
    has_texts: ClassVar[bool] = True

    def context(self, editor: EditorContext) -> Mapping[str, Any]:
        """Return what the template needs beside what all pages have."""
        raise NotImplementedError

    def content_of(self, post: Fields, stored: Content) -> dict[str, Any]:
        """Return the content that a form holds; what it leaves out stays as it is stored."""
        raise NotImplementedError

    def changed(self, content: dict[str, Any], post: Fields, draft: Draft) -> dict[str, Any]:
        """Return the content after the button that was pressed; what is no act changes nothing."""
        return content

    def typed(self, content: Content, stored: Content) -> Content:
        """Return what is shown of typed content that cannot be stored."""
        return content

    def next_place(self, post: Fields) -> str:
        """Return what follows the address of the page after a save."""
        return ""

    def label_of(self, path: str) -> str:
        """Return what people call a field by its path, where it stands alone."""
        return path

    def differences(self, one: Content, other: Content) -> list[Difference]:
        """Return the fields in which two contents differ, as texts."""
        return differences(one, other, self.label_of)

    def places(self, editor: EditorContext) -> Sequence[tuple[str, str]]:
        """Return the fields that a comment can be about, by path and label."""
        return ()

    def views(self, content: Content) -> Sequence[tuple[str, str | Promise]]:
        """Return what the preview can show, by name and label; without any there is none."""
        return ()

    def languages(self, draft: Draft, content: Content) -> Sequence[str]:
        """Return the languages that the preview can show."""
        original = draft.certification.original_language
        return (original, *(code for code in content.get("texts", {}) if code != original))

    def preview(self, draft: Draft, content: Content, view: str, language: str) -> Mapping[str, Any]:
        """Return the context of the preview. Raises Refused, CannotPublish."""
        raise NotImplementedError


def _pages() -> Mapping[str, DraftPage]:
    return hooks.by_key("draft_pages")


def has_page(kind: str) -> bool:
    """Tell whether drafts of a kind have a page."""
    return kind in _pages()


def page_of(draft: Draft) -> DraftPage:
    """Return the page of a draft."""
    return _pages()[draft.kind]


def draft_of(object_id: str, kind: str = "") -> Draft:
    """Return a draft that has a page, of a kind if one is asked for.

    Raises Http404, and Refused: not_found.
    """
    draft = selectors.draft(int(object_id)) if object_id.isdecimal() and len(object_id) < 19 else None
    if draft is None or draft.kind not in _pages() or (kind and draft.kind != kind):
        raise Http404
    return draft


def script_texts() -> dict[str, str]:
    """Return the sentences of the script by name; %s stands for what it fills in."""
    return {
        "saved": _("Saved"),
        "saved_at": _("Saved at %s"),
        "saving": _("Saving…"),
        "unsaved": _("Not saved yet"),
        "offline": _("Not saved: no connection. Keep this page open, we'll try again."),
        "signed_out": _(
            "Not saved: you were signed out. Sign in again in another tab, then keep typing here."
        ),
        "act_offline": _("Not done: no connection. Keep this page open and try again in a moment."),
        "act_signed_out": _(
            "Not done: you were signed out. Sign in again in another tab, then press the button here again."
        ),
        "refused": _("Not saved: %s"),
        "conflict": _("Not saved: %s saved another version in the meantime. Choose below what to keep."),
        "leave": _("Some text has not been saved. Leave anyway?"),
        "open_now": _("Also open now: %s"),
        "newer": _("%s saved a newer text."),
        "load": _("Load it"),
        "theirs": _("Stored now"),
        "mine": _("Yours"),
        "take_theirs": _("Use the stored text"),
        "keep_mine": _("Use mine"),
        "took_theirs": _("Taken over, since you had not changed it"),
        "whole": _("The options differ in number, so choose one text as a whole. Copy from the other first."),
        "save_choice": _("Save my choice"),
        "take_all": _("Use the stored text for everything"),
        "blocks": _("Must be fixed before review"),
        "advice": _("Advice"),
        "nothing": _("No remarks."),
        "state_changed": _("Your change took this draft back to: %s"),
        "all": pgettext("languages of the editor", "Both"),
    }


def address(draft: Draft, name: str = "edit") -> str:
    """Return an address of a draft."""
    return reverse(f"admin:exams_draft_{name}", args=[draft.pk])


@require_http_methods(["GET", "POST"])
@staff_view(rights.SEE)
def edit(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Show a draft; save what its form sends, then do what its button says."""
    draft = draft_of(object_id)
    return _saved(request, draft) if request.method == "POST" else page(request, draft)


def _saved(request: SignedInRequest, draft: Draft) -> HttpResponse:
    own = page_of(draft)
    content = own.changed(own.content_of(request.POST, draft.content), request.POST, draft)
    try:
        services.save(
            draft_id=draft.pk,
            revision=whole_number(request.POST.get("revision"), 9, 0),
            content=content,
            actor=request.user,
        )
    except Refused as refused:
        return not_saved(request, draft, content, refused)
    if request.POST.get("do", "save") == "save":
        messages.success(request, _("Saved"))
    return HttpResponseRedirect(f"{address(draft)}{own.next_place(request.POST)}")


def not_saved(
    request: SignedInRequest, draft: Draft, content: Mapping[str, Any], refused: Refused
) -> HttpResponse:
    """Show what was written, beside what is stored where that is newer, with the reason."""
    own = page_of(draft)
    try:
        typed = kinds.kind_of(draft.kind).validate(content)
    except kinds.ContentError:
        typed = own.typed(content, draft.content)
    differing: Sequence[Difference] = ()
    if refused.code == "stale_draft":
        # The form is to save over what it is shown beside now.
        draft.revision = refused.extra["revision"]
        differing = own.differences(refused.extra["content"], typed)
    return page(request, draft, content=typed, refused=refused, differing=differing)


def layout_of(draft: Draft, person: User, *, is_open: bool) -> Layout:
    """Return who may write what of a draft that is open, or is not."""
    translates = rights.only_translates(person) and not kinds.is_translation(
        draft.kind, draft.certification, draft.name
    )
    # A translator reads what has no texts: nothing of it could be theirs to write.
    able = (rights.WRITE, rights.TRANSLATE) if page_of(draft).has_texts else (rights.WRITE,)
    writes = rights.may(person, *able)
    return Layout(draft.certification.original_language, is_open and writes, translates)


@dataclass(frozen=True, slots=True)
class PageParts:
    """What stands around the fields of a draft.

    `wrong` has fields that could not be stored, with label and sentence; `differing` those that somebody else
    (`saved_by`) saved meanwhile. `changes` is None where there is nothing to compare with. `whole` is what a
    comment on no field is about, `places` the fields that one can be about.
    """

    wrong: Sequence[tuple[str, str, str]]
    differing: Sequence[Difference]
    saved_by: str
    changes: Sequence[Difference] | None
    remarks: Sequence[Mapping[str, Any]]
    script_texts: str
    views: Sequence[tuple[str, str | Promise]]
    preview_languages: Sequence[tuple[str, str]]
    is_refused: bool
    whole: Promise
    places: Sequence[tuple[str, str]]


def page(
    request: SignedInRequest,
    draft: Draft,
    *,
    content: Content | None = None,
    refused: Refused | None = None,
    differing: Sequence[Difference] = (),
) -> HttpResponse:
    """Return the page with what is stored, or with content that was not."""
    person, own = request.user, page_of(draft)
    asked = content is not None or "write" in request.GET
    is_open = draft.state == State.DRAFT or (asked and draft.state in OPEN)
    typed = draft.content if content is None else content
    changed = None if is_open else _changes_of(draft)
    wrong = _wrong(refused)
    editor = EditorContext(
        draft,
        typed,
        layout_of(draft, person, is_open=is_open),
        remarks_on(draft, typed) if draft.state in OPEN and not wrong else [],
        wrong,
        request.GET,
        request.POST,
        refused,
        person,
        [row.field for row in changed or ()],
    )
    context = {
        "draft": draft,
        "content": typed,
        "layout": editor.layout,
        "refused": refused,
        "page": PageParts(
            wrong=[(name, own.label_of(name), sentence) for name, sentence in wrong.items()],
            differing=differing,
            saved_by=selectors.saved_last_by(draft.pk) if differing else "",
            changes=changed,
            remarks=[_remark(draft, remark) for remark in editor.remarks],
            script_texts=json.dumps(script_texts(), ensure_ascii=False),
            views=own.views(typed),
            preview_languages=[(code, languages.name_of(code)) for code in own.languages(draft, typed)],
            is_refused=typed != draft.content,
            whole=own.whole,
            places=own.places(editor),
        ),
        "acts": acts_of(draft, person),
        **own.context(editor),
    }
    return admin_page(request, own.template, str(draft), Draft, **context)


def _changes_of(draft: Draft) -> list[Difference] | None:
    """Return what a reviewer sees first: how a draft differs from what is published; None for a new thing."""
    if draft.state not in (State.REVIEW, State.APPROVED):
        return None
    current = kinds.kind_of(draft.kind).current(draft.certification, draft.name)
    return page_of(draft).differences(current.content, draft.content) if current else None


def _wrong(refused: Refused | None) -> dict[str, str]:
    """Return what cannot be stored by its field."""
    if refused is None or refused.code != "invalid_content":
        return {}
    return {str(refused.extra["field"]): str(refused.extra["sentence"])}


def acts_of(draft: Draft, person: User) -> dict[str, Any]:
    """Return what stands beside the fields: who else has it open, comments, and what may be done now."""
    reviews = rights.may(person, rights.REVIEW)
    writes = rights.may(person, rights.WRITE, rights.TRANSLATE)
    is_own = services.wrote(draft, person)
    is_open = draft.state in OPEN
    label_of = page_of(draft).label_of
    return {
        "others": selectors.others(draft.pk, person),
        "comments": [(comment, label_of(comment.place)) for comment in selectors.comments(draft.pk)],
        "colleagues": list(selectors.colleagues()) if is_open else [],
        "reviewers": list(selectors.reviewers(draft)) if writes and draft.state == State.DRAFT else [],
        "four_eyes": settings.FOUR_EYES,
        "is_own": is_own,
        "is_open": is_open,
        "may_send": writes and draft.state == State.DRAFT,
        "may_judge": reviews and draft.state == State.REVIEW,
        "may_approve": reviews and draft.state == State.REVIEW and not (is_own and settings.FOUR_EYES),
        "may_publish": reviews and draft.state == State.APPROVED,
        "may_reopen": writes and draft.state in (State.REVIEW, State.APPROVED),
        "may_discard": is_open and (reviews or (writes and draft.author_id == person.pk)),
    }


def remarks_on(draft: Draft, content: Content) -> list[Remark]:
    """Return what the rules say about content, what blocks first; nothing while nothing is written."""
    kind = kinds.kind_of(draft.kind)
    # Whoever opens a new draft knows that all of it is missing. Sending it asks the rules themselves.
    if draft.base_id is None and content == kind.validate(kind.empty(draft.certification)):
        return []
    remarks = kind.remarks(draft.certification, draft.name, content)
    return sorted(remarks, key=lambda remark: not remark.blocks)


def remarks_of(draft: Draft, content: Content) -> list[dict[str, Any]]:
    """Return the same with the label of each field."""
    return [_remark(draft, remark) for remark in remarks_on(draft, content)]


def _remark(draft: Draft, remark: Remark) -> dict[str, Any]:
    label = page_of(draft).label_of(remark.field)
    return {**asdict(remark), "sentence": str(remark.sentence), "label": label}


def typed_in(fields: object, draft: Draft) -> Mapping[str, Any]:
    """Return what the fields that a script sends say, over what is stored; others are left out."""
    if not isinstance(fields, dict):
        return cast("Mapping[str, Any]", draft.content)
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    return page_of(draft).content_of(texts, draft.content)


class BeginningForm(forms.Form):
    """Of which certification a new thing is; forms of a kind add its code or number."""

    certification = certification_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        certifications = Certification.objects.order_by("code")[:2]
        if len(certifications) == 1:
            self.initial.setdefault("certification", certifications[0].pk)

    @property
    def name(self) -> str:
        """The name of the draft, once the form is valid."""
        return str(self.cleaned_data["code"])


def begin(
    request: SignedInRequest, form: BeginningForm, *, kind: str, title: str | Promise, model: type[Model]
) -> HttpResponse:
    """Begin the draft that a form asks for, or show the form. Raises Refused as `open_draft`."""
    if form.is_valid():
        certification = form.cleaned_data["certification"]
        draft = services.open_draft(
            kind=kind, certification=certification, name=form.name, actor=request.user
        )
        return HttpResponseRedirect(address(draft))
    return form_page(request, form, title, _("Begin"), model)
