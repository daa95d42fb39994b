"""Setting a document by typst: the one module that imports it. Reads its templates, and nothing else.

Data goes in as one JSON text, which the template reads as values: what an author writes is never markup.
Only fonts that typst brings itself are used, so that every machine makes the same pages.
"""

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import typst

from exams.pdf.tree import Document, plain

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
MEDIA_TYPE: Final = "application/pdf"
UNSHOWN: Final = "could not be displayed"


def digest(document: Document) -> str:
    """Return the SHA-256 of everything that decides how the pages look: document, template, typesetter."""
    # Another typst sets other pages of the same document, so its version is part of what a file is.
    parts = [_data(document), _template(), version("typst")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def typeset(document: Document) -> bytes:
    """Return the document as PDF, tagged for screen readers. Takes up to seconds; raises RuntimeError.

    It keeps the standard for accessible files, unless it has letters that no font of ours shows, which the
    standard forbids: these are boxes then, and the rest is read.
    """
    try:
        return _compiled(document, accessible=True)
    except typst.TypstError as error:
        # Letters that no font has must not cost anybody their file.
        if UNSHOWN not in str(error):
            raise
    return _compiled(document, accessible=False)


def _compiled(document: Document, *, accessible: bool) -> bytes:
    made = typst.compile(
        TEMPLATES / "document.typ",
        root=TEMPLATES,
        ignore_system_fonts=True,
        sys_inputs={"data": _data(document)},
        pdf_standards="ua-1" if accessible else [],
    )
    assert isinstance(made, bytes)  # noqa: S101 (for the type checker: no output file is named)
    return made


def _data(document: Document) -> str:
    return json.dumps(plain(document), ensure_ascii=False)


@cache
def _template() -> str:
    return (TEMPLATES / "document.typ").read_text(encoding="utf-8")
