"""Reading the sheet: which edition is current in a language, its blocks, and the blocks that teach an id."""

import datetime as dt
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from statistics import mode
from typing import Any, Final

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import override

from exams.bank.models import Item
from exams.cheatsheet.models import SheetBlock, SheetEdition
from exams.cheatsheet.records import BlockRecord, SectionRecord
from exams.presentation.sections import Link
from exams.publication.models import PublishLog


@dataclass(frozen=True, slots=True)
class Head:
    """The edition that is shown. `language` is that of its texts; `vendor` is the vendor of the exam."""

    edition_id: int
    code: str
    vendor: str
    language: str
    digest: str
    published_at: dt.datetime

    @property
    def label(self) -> str:
        """The code as it is spoken: MLS-C01."""
        return self.code.upper()


@dataclass(frozen=True, slots=True)
class Block:
    """A block. `first_covers` are those of its coverage ids that no block before it has.

    `domain` and `task` are those of the task statement that most items on it belong to, 0 and "" without any:
    where it is practiced.
    """

    number: str
    title: str
    source: str
    html: str
    covers: tuple[str, ...]
    first_covers: tuple[str, ...]
    domain: int = 0
    task: str = ""

    @property
    def anchor(self) -> str:
        """The id of the block in its page."""
        return anchor_of(self.number)


@dataclass(frozen=True, slots=True)
class Section:
    """A section with its blocks."""

    number: int
    title: str
    blocks: tuple[Block, ...]

    @property
    def domain(self) -> int:
        """The domain that most of its blocks belong to, 0 for none."""
        return mode([block.domain for block in self.blocks if block.domain] or [0])


def anchor_of(number: str) -> str:
    """Return the id of the block with this number: `b-2-3` for 2.3."""
    return f"b-{number.replace('.', '-')}"


KEPT_SECONDS: Final = 60
HAS_BLOCKS: Final = Exists(SheetBlock.objects.filter(edition=OuterRef("pk")))
IS_CURRENT: Final = ~Exists(
    SheetEdition.objects.filter(
        Q(published_at__gt=OuterRef("published_at"))
        | Q(published_at=OuterRef("published_at"), number__gt=OuterRef("number")),
        certification=OuterRef("certification"),
        language=OuterRef("language"),
    )
)
"""Whether an edition is the one that its language was published last in."""
_PRACTICED: Final = Subquery(
    Item.objects.filter(
        certification=OuterRef("edition__certification"), coverage__overlap=OuterRef("covers")
    )
    .values("task__code", "task__domain__number")
    .annotate(items=Count("pk"))
    .order_by("-items", "task__code")
    .values_list(JSONObject(domain="task__domain__number", task="task__code"))[:1]
)


def _latest() -> QuerySet[SheetEdition]:
    """Return the edition of each certification and language that was published last, empty ones too."""
    rows = SheetEdition.objects.order_by("certification_id", "language", "-published_at", "-number")
    return rows.distinct("certification_id", "language")


def codes() -> frozenset[str]:
    """Return the codes of the certifications that have a sheet in their original language. One statement."""
    rows = _latest().filter(language=F("certification__original_language"))
    sheets = rows.annotate(has_blocks=HAS_BLOCKS).values_list("certification__code", "has_blocks")
    return frozenset(code for code, has_blocks in sheets if has_blocks)


def known_codes() -> frozenset[str]:
    """Return what `codes` does, by one statement a minute in a process: for links, which may come late."""
    return _codes(int(time.monotonic() // KEPT_SECONDS))


@lru_cache(maxsize=2)
def _codes(_minute: int) -> frozenset[str]:
    return codes()


def current(code: str, language: str) -> Head | None:
    """Return the current edition in the language, else in the original, else None. One statement.

    None also for a certification that is not on the site yet.
    """
    wanted = Q(language=language) | Q(language=F("certification__original_language"))
    wanted &= Q(certification__code=code, certification__is_listed=True)
    # An edition without blocks takes the sheet down, so it is latest and yet not current.
    rows = _latest().filter(wanted).select_related("certification")
    by_language = {row.language: row for row in rows.annotate(has_blocks=HAS_BLOCKS) if row.has_blocks}
    row = by_language.get(language) or next(iter(by_language.values()), None)
    if row is None:
        return None
    return Head(row.pk, code, row.certification.vendor, row.language, row.digest, row.published_at)


def digests(code: str) -> dict[str, str]:
    """Return the digest of the current edition by language, of those taken down as well. One statement."""
    return dict(_latest().filter(certification__code=code).values_list("language", "digest"))


def edited_in_admin(code: str) -> frozenset[str]:
    """Return the sheets whose current edition did not come from files, as "cheatsheet/en". One statement."""
    rows = _latest().filter(certification__code=code).values_list("language", "log__source")
    return frozenset(
        f"cheatsheet/{language}" for language, source in rows if source != PublishLog.Source.FILES
    )


def written(code: str) -> dict[str, list[SectionRecord]]:
    """Return the current sheet of each language as its author wrote it. Two statements."""
    current = list(_latest().filter(certification__code=code).values_list("pk", "language"))
    by_language: dict[str, list[SectionRecord]] = {language: [] for _, language in current}
    for edition_id, language in current:
        blocks = SheetBlock.objects.filter(edition_id=edition_id).order_by("position")
        for (_, title), group in groupby(blocks, key=lambda one: (one.section_number, one.section_title)):
            records = tuple(
                BlockRecord(row.number, row.title, tuple(row.covers), (), (), (), (), (), row.source)
                for row in group
            )
            by_language[language].append(SectionRecord(title, records))
    return {language: sections for language, sections in by_language.items() if sections}


def first_published(code: str) -> dict[tuple[str, str, str], dt.datetime]:
    """Return when each text of a current sheet was first published, by language, title and text.

    Two statements.
    """
    editions = [edition.pk for edition in _latest().filter(certification__code=code)]
    current = SheetBlock.objects.filter(edition__in=editions)
    rows = SheetBlock.objects.filter(
        edition__certification__code=code, source__in=current.order_by().values("source")
    )
    named = rows.order_by().values_list("edition__language", "title", "source")
    return {
        (language, title, source): first
        for language, title, source, first in named.annotate(first=Min("edition__published_at"))
    }


@lru_cache(maxsize=32)
def sections(edition_id: int) -> tuple[Section, ...]:
    """Return the sections of an edition. One statement once a process: an edition never changes."""
    rows = (
        SheetBlock.objects.filter(edition_id=edition_id).order_by("position").annotate(practiced=_PRACTICED)
    )
    known: set[str] = set()
    in_order = []
    for (number, title), blocks in groupby(rows, lambda row: (row.section_number, row.section_title)):
        in_order.append(Section(number, title, tuple(_block(row, known) for row in blocks)))
    return tuple(in_order)


def _block(row: Any, known: set[str]) -> Block:  # noqa: ANN401  (a block with what was annotated)
    first = tuple(name for name in row.covers if name not in known)
    known.update(first)
    covers, practiced = tuple(row.covers), row.practiced or {}
    return Block(row.number, row.title, row.source, row.html, covers, first, **practiced)


def blocks(edition_id: int) -> Iterator[Block]:
    """Yield the blocks of an edition in their order, by the same statement."""
    for section in sections(edition_id):
        yield from section.blocks


def links(code: str, coverage: Collection[str], language: str) -> list[Link]:
    """Return the blocks that teach any of these coverage ids as links of an item, in the order of the sheet.

    Two statements; none without ids. The addresses are those of the page in this language.
    """
    head = current(code, language) if coverage else None
    if head is None:
        return []
    rows = SheetBlock.objects.filter(edition_id=head.edition_id, covers__overlap=sorted(coverage))
    with override(language):
        page = reverse("exams:cheatsheet", args=[code])
    return [
        Link(
            "line",
            f"{row.number} {row.title}",
            f"{page}#{anchor_of(row.number)}",
            tuple(name for name in row.covers if name in coverage),
            language="" if head.language == language else head.language,
        )
        for row in rows.order_by("position")
    ]
