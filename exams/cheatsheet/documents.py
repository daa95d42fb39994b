"""A sheet as a document for paper: in the language of its texts, headings and page numbers included."""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from exams.cheatsheet.markdown_tree import blocks_of
from exams.cheatsheet.selectors import Block, Head, sections
from exams.pdf.tree import Document, Part, Section

SITE: Final = "Passline"


def title_of(head: Head) -> str:
    """Return the title of the sheet in the language that is active."""
    return _("%(code)s Cheat Sheet") % {"code": head.label}


def file_name(head: Head, *, own: bool = False) -> str:
    """Return the name under which the PDF is saved."""
    return f"{slugify(head.code)}-{'my-' if own else ''}cheat-sheet-{head.language}.pdf"


def whole(head: Head) -> Document:
    """Return the whole sheet, with contents. One statement, when the process has not read it yet."""
    numbered = tuple(
        Section(f"{section.number}. {section.title}", tuple(part_of(block) for block in section.blocks))
        for section in sections(head.edition_id)
    )
    with override(head.language):
        independent = _("Passline is independent and not affiliated with %(vendor)s.")
        lead = independent % {"vendor": head.vendor}
        return _document(head, title_of(head), lead, sections=numbered, contents=_("Contents"))


def own(head: Head, blocks: Sequence[Block], rest: Sequence[Block]) -> Document:
    """Return a person's sheet of these blocks, set small; `rest` had no room and is only named."""
    with override(head.language):
        named = "; ".join(f"{block.number} {block.title}" for block in rest)
        return _document(
            head,
            _("My %(label)s Cheat Sheet") % {"label": head.label},
            _("What your incorrect answers point to, most often missed first."),
            sections=(Section("", tuple(part_of(block) for block in blocks)),),
            after=(_("Also missed: %(blocks)s.") % {"blocks": named},) if named else (),
            compact=True,
        )


def _document(head: Head, title: str, lead: str, **more: Any) -> Document:  # noqa: ANN401 (fields of a document)
    return Document(
        language=head.language,
        title=title,
        lead=lead,
        author=SITE,
        source=f"{SITE} · {title_of(head)}",
        url=settings.SITE_URL + reverse("exams:cheatsheet", args=[head.code]),
        pages=_("Page {n} of {total}"),
        **more,
    )


def part_of(block: Block) -> Part:
    """Return a block as a part of a document."""
    return Part(block.number, block.title, blocks_of(block.source))
