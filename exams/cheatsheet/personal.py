"""A person's own sheet: the blocks that their incorrect answers point at, most often missed first.

Cut to what fits two pages on paper. Only ended exams count, and no item of one that is being taken (G5).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from accounts.access import policy, refusals
from accounts.jobs import services as jobs
from accounts.jobs.models import Job
from accounts.jobs.registry import JobContext, JobResult, MadeFile
from accounts.users.models import User
from exams.attempts.pools import missed
from exams.cheatsheet import documents, selectors
from exams.cheatsheet.markdown_tree import LINES_OF_A_PAGE, lines_of
from exams.cheatsheet.selectors import Block, Head
from exams.pdf import typesetting
from exams.pdf.tree import Document

KIND: Final = "own_cheatsheet_pdf"
ROOM: Final = 2 * LINES_OF_A_PAGE - 16  # title, closing lines, what the end of a page loses
HEADING: Final = 2.5


class NothingMissed(RuntimeError):
    """There is no block to show any more."""


@dataclass(frozen=True, slots=True)
class OwnBlock:
    """A block, and how many missed answers point at it."""

    block: Block
    misses: int


@dataclass(frozen=True, slots=True)
class OwnSheet:
    """A person's sheet; `rest` are blocks that had no room. Both are empty for who has missed nothing."""

    head: Head
    blocks: tuple[OwnBlock, ...]
    rest: tuple[OwnBlock, ...]


def of(user: User, code: str, language: str) -> OwnSheet | None:
    """Return the sheet of a person, or None where the certification has none. At most three statements."""
    head = selectors.current(code, language)
    if head is None:
        return None
    chosen, rest = fitting(ranked(selectors.blocks(head.edition_id), missed(user, code)))
    return OwnSheet(head, chosen, rest)


def ranked(blocks: Iterable[Block], misses: Sequence[frozenset[str]]) -> list[OwnBlock]:
    """Return the blocks that any of the missed items point at, most often missed first, then in order."""
    counted = (OwnBlock(one, sum(not covers.isdisjoint(one.covers) for covers in misses)) for one in blocks)
    return sorted((one for one in counted if one.misses), key=lambda one: -one.misses)


def fitting(blocks: Sequence[OwnBlock]) -> tuple[tuple[OwnBlock, ...], tuple[OwnBlock, ...]]:
    """Part the blocks into those that fit two pages together and the rest; the first always fits.

    A block that is too long leaves its place to shorter ones behind it.
    """
    chosen: list[OwnBlock] = []
    rest: list[OwnBlock] = []
    left = float(ROOM)
    for own in blocks:
        lines = _lines(own.block)
        if lines <= left or not chosen:
            chosen.append(own)
            left -= lines
        else:
            rest.append(own)
    return tuple(chosen), tuple(rest)


@lru_cache(maxsize=512)
def _lines(block: Block) -> float:
    return HEADING + lines_of(documents.part_of(block).blocks)


def _parameters(sheet: OwnSheet) -> dict[str, str]:
    return {
        "code": sheet.head.code,
        "language": sheet.head.language,
        "digest": typesetting.digest(_document(sheet)),
    }


def _document(sheet: OwnSheet) -> Document:
    return documents.own(sheet.head, [one.block for one in sheet.blocks], [one.block for one in sheet.rest])


def check_access(user: User, sheet: OwnSheet) -> None:
    """Raise Refused no_access unless the person may open the certification of the sheet."""
    if not (access := policy.access_of(user, f"cert:{sheet.head.code}")):
        raise refusals.no_access(user, access)


def job(user: User, sheet: OwnSheet) -> Job | None:
    """Return the job that makes or has made this very sheet, or None. One statement."""
    return jobs.find_own(KIND, owner=user, parameters=_parameters(sheet))


def ensure(user: User, sheet: OwnSheet) -> Job:
    """Have the PDF of this sheet made, unless it is there or under way, and return the job.

    Raises Refused no_access.
    """
    check_access(user, sheet)
    return jobs.start_own(KIND, owner=user, parameters=_parameters(sheet))


def make(context: JobContext) -> JobResult:
    """Make the PDF of its owner: the function of the job. Raises NothingMissed.

    A sheet that says something else by now has a job of its own once somebody asks for it, and this one makes
    nothing: it must not answer for it when things are as they were.
    """
    user = User.objects.get(jobs=context.job_id)
    sheet = of(user, str(context.parameters["code"]), str(context.parameters["language"]))
    if sheet is None or not sheet.blocks:
        raise NothingMissed("there is nothing to show any more")
    # Whoever waits for this job asked for what is no longer so; their page asks anew.
    if _parameters(sheet) != context.parameters:
        return JobResult()
    content = typesetting.typeset(_document(sheet))
    name = documents.file_name(sheet.head, own=True)
    return JobResult(file=MadeFile(name, typesetting.MEDIA_TYPE, content))
