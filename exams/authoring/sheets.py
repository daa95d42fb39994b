"""The cheat sheet as a kind of draft: its content, remarks, and the blocks of other languages beside it."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exams.authoring import schema
from exams.authoring.kinds import Content, ContentError, Current, Remark
from exams.catalog.models import Certification
from exams.cheatsheet import files, rules, selectors, services
from exams.cheatsheet.markdown_tree import is_too_deep
from exams.cheatsheet.models import SheetEdition
from exams.cheatsheet.records import BlockRecord, SectionRecord, sheet_draft
from exams.cheatsheet.section_md import read_block
from exams.content import markdown
from exams.content.rules.measures import count_words
from exams.publication.models import PublishLog
from i18n import languages


def of(content: Content, language: str) -> Iterator[Remark]:
    """Yield the remarks on a sheet in a language, in the order of its fields."""
    titles = Counter(section["title"] for section in content["sections"])
    for number, section in enumerate(content["sections"]):
        field = f"sections.{number}"
        if not section["title"]:
            yield _blocking(f"{field}.title", "missing-title", _("This title is missing."), language)
        elif titles[section["title"]] > 1:
            yield _blocking(f"{field}.title", "same-titles", _("Two sections have this title."), language)
        if not section["blocks"]:
            yield _blocking(f"{field}.blocks", "empty-section", _("This section has no blocks."), language)
        for place, block in enumerate(section["blocks"]):
            yield from _of_block(f"{field}.blocks.{place}", block, language)
            yield from _advice(f"{field}.blocks.{place}.source", block, language, is_first=place == 0)


def _of_block(field: str, block: Content, language: str) -> Iterator[Remark]:
    if not block["title"]:
        yield _blocking(f"{field}.title", "missing-title", _("This title is missing."), language)
    source = block["source"]
    if not source:
        yield _blocking(f"{field}.source", "missing-text", _("This text is missing."), language)
    for sentence in markdown.faults(source, rows=rules.TABLE_ROWS):
        yield _blocking(f"{field}.source", "markdown", sentence, language)
    if markdown.figure_names(source):
        yield _blocking(f"{field}.source", "no-figures", _("A cheat sheet shows no figures."), language)
    if is_too_deep(source):
        yield _blocking(f"{field}.source", "too-deep", _("Lists are nested too deep."), language)
    if any(one.startswith(("# ", "## ")) for one in source.split("\n")):
        yield _blocking(
            f"{field}.source", "headings", _("Begin subheadings with ###; larger ones part blocks."), language
        )


def _advice(field: str, block: Content, language: str, *, is_first: bool) -> Iterator[Remark]:
    """Yield where a block leaves the form that the guide for writers gives it."""
    if not block["source"]:
        return
    record = read_block(block["source"])
    remarks = [*_lengths(record), *_form(record), *(_introduction(record) if is_first else ())]
    for rule, sentence in remarks:
        yield Remark(field, rule, sentence, blocks=False, language=language)


def _lengths(record: BlockRecord) -> Iterator[tuple[str, str]]:
    sentence = _("“%(words)s …” has %(count)s words; at most %(most)s, please.")
    passages = (
        ("cell-length", rules.CELL_MAX, record.cells),
        ("entry-length", rules.BULLET_MAX, tuple(rules.entries(record))),
    )
    for rule, most, entries in passages:
        for one in entries:
            if (count := count_words(one.text)) > most:
                yield rule, sentence % {"words": _begins(one.text), "count": count, "most": most}


def _form(record: BlockRecord) -> Iterator[tuple[str, str]]:
    for entry in rules.entries(record):
        if not rules.is_led(entry.text):
            sentence = _("Lead the entry “%(words)s …” with its term in bold.")
            yield "leading-term", sentence % {"words": _begins(entry.text)}
    if any(len(tips) > rules.TIPS_MAX for tips in record.tips):
        yield "exam-tips", _("At most one exam tip, please; a subheading begins another group.")


def _introduction(record: BlockRecord) -> Iterator[tuple[str, str]]:
    count = sum(count_words(one.text) for one in record.paragraphs)
    low, high = rules.INTRO_MIN, rules.INTRO_MAX
    if not low <= count <= high:
        sentence = _("A section begins with %(low)s to %(high)s words of introduction; here are %(count)s.")
        yield "introduction-length", sentence % {"low": low, "high": high, "count": count}


def _begins(text: str) -> str:
    return " ".join(text.split()[:4])


def _blocking(field: str, rule: str, sentence: str, language: str) -> Remark:
    return Remark(field, rule, sentence, blocks=True, language=language)


NAME: Final = "cheatsheet"
MOST_SECTIONS: Final = 40
MOST_BLOCKS: Final = 60


def _source(value: object, field: str) -> str:
    written: str = schema.text().clean(value, field)
    return "\n".join(one.rstrip() for one in written.split("\n")).strip("\n")


BLOCK: Final = schema.fields(
    title=schema.line(), covers=schema.lines(60, 60), source=schema.Shape(_source, "")
)
SHAPE: Final = schema.fields(
    sections=schema.rows(
        MOST_SECTIONS, schema.fields(title=schema.line(), blocks=schema.rows(MOST_BLOCKS, BLOCK))
    )
)


class SheetKind:
    """Sheets, named "cheatsheet/en". Publishing one makes an edition and its PDF."""

    name = NAME
    label = gettext_lazy("Cheat sheet")

    def title_of(self, name: str) -> str:
        """Return what people call the sheet of a language."""
        return f"{self.label} ({languages.name_of(language_of(name))})"

    def language_of(self, name: str) -> str:
        """Return the language of a sheet by its name. Raises ContentError."""
        return language_of(name)

    def current(self, certification: Certification, name: str) -> Current | None:
        """Return the current edition, None where there is none or it was taken down. Four statements."""
        language = language_of(name)
        sections = selectors.written(certification.code).get(language)
        if sections is None:
            return None
        rows = SheetEdition.objects.filter(certification=certification, language=language)
        last = rows.select_related("log").latest("published_at", "number")
        return Current({"sections": [_section(one) for one in sections]}, last.log)

    def empty(self, certification: Certification) -> Content:
        """Return a sheet without sections."""
        return {"sections": []}

    def validate(self, content: Content) -> Content:
        """Return the content in its one shape. Raises ContentError."""
        whole: Content = SHAPE.clean(content, "")
        return whole

    def remarks(self, certification: Certification, name: str, content: Content) -> Sequence[Remark]:
        """Return what the pages could not show, and where the sheet leaves its form."""
        return list(of(content, language_of(name)))

    def publish(self, certification: Certification, name: str, content: Content, log: PublishLog) -> None:
        """Publish an edition, none where nothing differs. Raises CannotPublish."""
        language = language_of(name)
        draft = sheet_draft(language, _records(content))
        if selectors.digests(certification.code).get(language) == draft.digest():
            return
        services.publish(certification, draft, log)
        if head := selectors.current(certification.code, language):
            files.ensure(head)


def language_of(name: str) -> str:
    """Return the language of the sheet that a draft is of. Raises ContentError for another name."""
    kind, _slash, language = name.partition("/")
    if kind != NAME or language not in languages.CODES:
        sentence = gettext_lazy("This has to be the name of a cheat sheet, such as %(example)s.")
        raise ContentError("name", sentence, example=f"{NAME}/{languages.DEFAULT}")
    return language


def _section(section: SectionRecord) -> dict[str, Any]:
    return {
        "title": section.title,
        "blocks": [
            {"title": one.title, "covers": list(one.covers), "source": one.source} for one in section.blocks
        ],
    }


def _records(content: Content) -> Iterator[SectionRecord]:
    """Yield the sections, their blocks numbered as files number them."""
    for number, section in enumerate(content["sections"], start=1):
        blocks = tuple(
            BlockRecord(
                f"{number}.{place}", row["title"], tuple(row["covers"]), (), (), (), (), (), row["source"]
            )
            for place, row in enumerate(section["blocks"], start=1)
        )
        if blocks:
            yield SectionRecord(section["title"], blocks)


type Times = Mapping[tuple[str, str, str], dt.datetime]
type Pair = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class OtherBlock:
    """A block as another language has it published; `is_behind` where the translation of both is older."""

    language: str
    number: str
    title: str
    source: str
    is_behind: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """A block of another language that has none here: it would stand before the block `before`."""

    section: int
    before: int
    place: int
    language: str
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Other:
    """The published sheet of another language, seen from a draft: by section and block of the draft."""

    language: str
    titles: Mapping[int, str]
    blocks: Mapping[tuple[int, int], OtherBlock]
    missing: Sequence[Missing]


def others(certification: Certification, language: str, content: Content) -> list[Other]:
    """Return the original for a translation, every translation for the original. Three statements."""
    original = certification.original_language
    written = selectors.written(certification.code)
    times = selectors.first_published(certification.code)
    wanted = [one for one in written if one != original] if language == original else [original]
    return [
        _other(other, written[other], content["sections"], _Ages(times, language, original))
        for other in wanted
        if other in written
    ]


@dataclass(frozen=True, slots=True)
class _Ages:
    """When texts were first published; what is being written has no time yet and is newer than all."""

    times: Times
    mine: str
    original: str

    def is_behind(self, mine: Mapping[str, Any], language: str, theirs: BlockRecord) -> bool:
        """Tell whether the translation, which is one of both, is older than the original."""
        own = self.times.get((self.mine, mine["title"], mine["source"]))
        published_at = self.times[language, theirs.title, theirs.source]
        if self.mine == self.original:
            return own is None or own > published_at
        return own is not None and published_at > own


def _other(language: str, theirs: Sequence[SectionRecord], mine: Sequence[Any], ages: _Ages) -> Other:
    blocks: dict[tuple[int, int], OtherBlock] = {}
    missing: list[Missing] = []
    for number, section in enumerate(theirs):
        own = mine[number]["blocks"] if number < len(mine) else []
        before = 0
        for at, place in pairs(own, section.blocks):
            if at is not None:
                before = at + 1
            if place is None:
                continue
            block = section.blocks[place]
            if at is None:
                missing.append(Missing(number, before, place, language, block.number, block.title))
            else:
                is_behind = ages.is_behind(own[at], language, block)
                blocks[number, at] = OtherBlock(language, block.number, block.title, block.source, is_behind)
    titles = {number: section.title for number, section in enumerate(theirs)}
    return Other(language, titles, blocks, missing)


def pairs(mine: Sequence[Mapping[str, Any]], theirs: Sequence[BlockRecord]) -> Iterator[Pair]:
    """Yield which block of a section is which, in order; None where one side has none."""
    keys = [tuple(one["covers"]) for one in mine], [one.covers for one in theirs]
    for act, at, end, place, last in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        both = min(end - at, last - place) if act in ("equal", "replace") else 0
        yield from ((at + n, place + n) for n in range(both))
        yield from ((n, None) for n in range(at + both, end))
        yield from ((None, n) for n in range(place + both, last))


def taken(certification: Certification, content: Content, section: int | None, place: int) -> dict[str, Any]:
    """Return content with a block of the original that is missing, all of them where no section is named.

    It has title and ids of the original and no text yet.
    """
    sections = [{**one, "blocks": list(one["blocks"])} for one in content["sections"]]
    theirs = selectors.written(certification.code).get(certification.original_language, [])
    for number, original in enumerate(theirs):
        if section is not None and section != number:
            continue
        while len(sections) <= number:
            sections.append({"title": theirs[len(sections)].title, "blocks": []})
        sections[number]["blocks"] = list(
            _filled(sections[number]["blocks"], original.blocks, None if section is None else place)
        )
    return {**content, "sections": sections}


def _filled(mine: Sequence[Any], theirs: Sequence[BlockRecord], wanted: int | None) -> Iterator[Any]:
    for at, place in pairs(mine, theirs):
        if at is not None:
            yield mine[at]
        elif place is not None and wanted in (None, place):
            yield {"title": theirs[place].title, "covers": list(theirs[place].covers), "source": ""}
