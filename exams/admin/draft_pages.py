"""Each kind of draft has a page of its own at the same address: what it lays out, and what its form sends.

Packages register the page of their kind with the hook `draft_pages`. What all share, `draft_views` does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.base import hooks
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.admin import draft_fields
from exams.admin.draft_fields import Difference, Layout, TextField
from exams.authoring import selectors
from exams.authoring.kinds import Content, Remark
from exams.authoring.models import Draft

type Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Desk:
    """A draft on somebody's desk: its content as stored or as typed, who may write what, what rules say.

    `wrong` holds the sentence for each field that could not be stored, `query` what the address asks, `sent`
    what was posted and `refused` why it was not done; `person` is who reads it.
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

    def said(self, name: str) -> list[Remark]:
        """Return what is to be said at a field, what could not be stored first."""
        wrong = [Remark(name, "stored", self.wrong[name], blocks=True)] if name in self.wrong else []
        return [*wrong, *(remark for remark in self.remarks if remark.field == name)]

    def text_field(
        self, name: str, label: str, value: str, language: str = "", *, rows: int = 1, hint: str = ""
    ) -> TextField:
        """Return a field for a text in a language, or for something that has none."""
        return TextField(
            name=name,
            label=label,
            full=of(self.draft).label_of(name),
            value=value,
            language=language,
            is_original=language in ("", self.layout.original),
            is_open=self.layout.writes(language) if language else self.layout.structure_open,
            rows=rows,
            hint=hint,
            said=tuple(self.said(name)),
        )


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

    def context(self, desk: Desk) -> Mapping[str, Any]:
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
        return draft_fields.differences(one, other, self.label_of)

    def places(self, desk: Desk) -> Sequence[tuple[str, str]]:
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


def of(draft: Draft) -> DraftPage:
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


CLOSED: Final = _("This draft is closed. You can read it; to change something, start a new one.")
