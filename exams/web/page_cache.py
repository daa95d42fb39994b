"""The part of an exam page that is the same for everybody: made once a process, with its compressed bytes."""

import functools
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.translation import override

from exams.assembly import papers
from exams.presentation import items

GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
SLOT = "<!--paper-->"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a page: its bytes, and a deflate segment that refers to no other piece."""

    plain: bytes
    deflated: bytes


def part(html: str, level: int = 6) -> Part:
    """Compress a piece so that it can stand anywhere in a gzip stream (ends at a byte, no look back)."""
    plain = html.encode()
    squeeze = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Part(plain, squeeze.compress(plain) + squeeze.flush(zlib.Z_FULL_FLUSH))


def gzip_of(parts: list[Part]) -> bytes:
    """Join pieces to one gzip member. Only the checksum reads the plain bytes again."""
    checksum, size = 0, 0
    for piece in parts:
        checksum = zlib.crc32(piece.plain, checksum)
        size += len(piece.plain)
    end = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS).flush()
    tail = checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")
    return b"".join([GZIP_HEAD, *(piece.deflated for piece in parts), end, tail])


@functools.lru_cache(maxsize=64)
def paper_part(paper_id: int, ui_language: str) -> Part:
    """Return all questions of a paper, with controls named in the language of the interface."""
    return questions_part(items.questions_of(papers.compiled(paper_id)), ui_language, level=9)


def questions_part(questions: Sequence[Mapping[str, object]], ui_language: str, level: int) -> Part:
    """Return these questions, made anew and not kept."""
    with override(ui_language):
        html = render_to_string("exams/paper.html", {"questions": questions, "ui_language": ui_language})
    return part(html, level)


@functools.lru_cache(maxsize=64)
def texts_part(paper_id: int) -> Part:
    """Return only the texts of a paper, by position and option id: the other language of the page."""
    html = render_to_string(
        "exams/paper_texts.html", {"questions": items.questions_of(papers.compiled(paper_id))}
    )
    return part(html, level=9)


def neighbors(position: int, total: int) -> tuple[int | None, int | None]:
    """Return the positions before and after; None at the ends."""
    return (position - 1 if position > 1 else None, position + 1 if position < total else None)
