"""What a review adds to each question for every reader: rulings, changes, shares, where to learn."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.template.loader import render_to_string
from django.utils.translation import override

from exams.assembly import papers, solutions
from exams.assembly import selectors as assembly
from exams.bank import rulings
from exams.feedback import changes, shares
from exams.freshness import selectors as freshness
from exams.presentation import corrections, formatting, item_review, sections

_TEMPLATE: Final = "exams/review_extras.html"


@dataclass(frozen=True, slots=True)
class Extras:
    """HTML for one question, each "" where there is nothing to say."""

    changed: str = ""
    others: str = ""
    learn: str = ""


def of_paper(paper_id: int, code: str, ui_language: str, *, granted: bool) -> Mapping[int, Extras]:
    """Return the extras of a paper by position. A handful of queries, once a minute in a process.

    `granted` says whether the reader may open the certification. Never for a reader who is taking an exam
    with these items: it tells keys.
    """
    return _read(paper_id, code, ui_language, granted, int(time.monotonic() // changes.KEPT_SECONDS))


@lru_cache(maxsize=64)
def _read(
    paper_id: int,
    code: str,
    ui_language: str,
    granted: bool,
    _minute: int,
) -> Mapping[int, Extras]:
    placed = assembly.places_in(papers.get(paper_id).edition_id)
    changed = changes.of_paper(paper_id)
    shared = shares.of_versions(tuple(place.version_id for place in placed))
    coverages = [place.coverage for place in placed]
    taught = sections.links_of_each(code, coverages, ui_language, granted=granted)
    with override(ui_language):
        return {
            place.position: Extras(
                moved_html(place.version_id) + _changed(changed.get(place.position), ui_language),
                _others(shared.get(place.version_id), solution.text),
                _learn(links),
            )
            for place, solution, links in zip(placed, solutions.get(paper_id), taught, strict=True)
        }


def ruled_of(paper_id: int, ui_language: str, last_ruling: int | None) -> Mapping[int, str]:
    """Return the notes on questions of a paper that were ruled on up to a ruling, by position.

    A query for a ruling that this process does not know. Never for a reader who is taking an exam with
    these items: it tells keys.
    """
    return _ruled_of(paper_id, ui_language, last_ruling) if last_ruling else {}


@lru_cache(maxsize=64)
def _ruled_of(paper_id: int, ui_language: str, last_ruling: int) -> Mapping[int, str]:
    ruled = rulings.corrections(last_ruling).of_version
    with override(ui_language):
        return {
            solution.position: ruled_html(ruled[solution.text.version_id], solution.text)
            for solution in solutions.get(paper_id)
            if solution.text.version_id in ruled
        }


def ruled_html(
    ruling: rulings.Correction | None, text: solutions.SolvedText, *, in_drill: bool = False
) -> str:
    """Return the note on a question that was ruled on, "" where nothing was. It names answers."""
    if ruling is None:
        return ""
    letters = {option.id: option.letter for option in text.options}
    more = {
        "when": corrections.when(ruling),
        "decided": corrections.decided(ruling, letters),
        "cause": corrections.cause(ruling),
        "in_drill": in_drill,
    }
    return render_to_string(f"{_TEMPLATE}#ruled", more)


def moved_html(version_id: int) -> str:
    """Return the notice on names in a question that moved on since, "" where none did."""
    names = freshness.moved_names(version_id)
    return render_to_string(f"{_TEMPLATE}#moved", {"names": names}) if names else ""


def _changed(change: changes.Change | None, ui_language: str) -> str:
    if change is None:
        return ""
    parts = formatting.listed([str(part.label) for part in change.parts])
    template, more = f"{_TEMPLATE}#changed", {"parts": parts}
    return item_review.compiled(change.text, ui_language, template, more).fill(())


def _others(answers: shares.Shares | None, text: solutions.SolvedText) -> str:
    if answers is None:
        return ""
    rows = [(option.letter, answers.percent(option.id), option.is_key) for option in text.options]
    return render_to_string(f"{_TEMPLATE}#others", {"shares": answers, "rows": rows})


def _learn(links: list[sections.Link]) -> str:
    return render_to_string(f"{_TEMPLATE}#learn", {"links": links}) if links else ""
