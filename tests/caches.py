"""The caches of content, which a test database that starts its numbers again would be served from."""

from exams.assembly import papers, solutions
from exams.assembly import sample as samples
from exams.attempts import grading
from exams.bank import rulings
from exams.cheatsheet import files as sheet_files
from exams.cheatsheet import selectors as sheets
from exams.feedback import selectors as feedback
from exams.freshness import selectors as freshness
from exams.web import cheatsheet as sheet_pages
from exams.web import page_cache, question_notes

KEPT_A_MINUTE = (solutions, feedback, sheets, freshness)


def forget_content() -> None:
    """Empty every cache of content. It never changes in life, but each test database starts its ids again."""
    papers.forget()
    rulings.forget()
    solutions.forget()
    samples.texts_of.cache_clear()
    grading.marking.cache_clear()
    page_cache.paper_part.cache_clear()
    page_cache.texts_part.cache_clear()
    sheets.sections.cache_clear()
    sheets._codes.cache_clear()
    sheet_files.pdf_digest.cache_clear()
    sheet_pages.texts_of.cache_clear()
    sheet_pages._whole.cache_clear()
    for kept in (
        *(solutions._read_places, solutions._read_topics, feedback._read),
        *(question_notes._read, question_notes._corrections_of, freshness._moved_names),
    ):
        kept.cache_clear()


def stop_the_minute() -> None:
    """Let what is kept for a minute be kept: whether one ends within a test would be chance."""
    for module in KEPT_A_MINUTE:
        setattr(module, "KEPT_SECONDS", 10**9)  # noqa: B010  (each says that it is final)
