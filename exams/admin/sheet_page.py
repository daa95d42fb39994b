"""The page of a drafted cheat sheet: its sections and blocks, each beside the sheets of other languages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from exams.admin import sheet_changes, sheet_form
from exams.admin.draft_fields import Difference, TextField
from exams.admin.draft_pages import Desk, DraftPage, Fields
from exams.admin.item_page import coverage_of
from exams.authoring import sheet_languages
from exams.authoring.kinds import Content, Remark
from exams.authoring.models import OPEN, Draft
from exams.authoring.sheet_languages import Missing, Other, OtherBlock
from exams.authoring.sheets import MOST_BLOCKS, MOST_SECTIONS, NAME, language_of
from exams.cheatsheet.selectors import Block, Section
from exams.cheatsheet.services import render_block
from i18n import languages

WHOLE: Final = "whole"


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A block of the form, or one that only another language has (`missing`)."""

    place: int
    number: str
    title: str
    field: str
    fields: Sequence[TextField]
    source: TextField | None
    beside: Sequence[OtherBlock]
    is_open: bool
    up: str
    down: str
    missing: Missing | None = None

    @property
    def behind(self) -> Sequence[str]:
        """Return the names of the languages with which the translation has to catch up, or that have to."""
        return [languages.name_of(one.language) for one in self.beside if one.is_behind]


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section of the form; `titles` has what other languages call it."""

    number: int
    field: str
    name: str
    title: TextField
    titles: Sequence[tuple[str, str]]
    said: Sequence[Remark]
    blocks: Sequence[BlockRow]
    may_grow: bool

    @property
    def next(self) -> str:
        """Return the field of the next block that is added."""
        return _place(self.number, sum(one.missing is None for one in self.blocks))


class SheetPage(DraftPage):
    """The editor of a cheat sheet in one language."""

    template = "admin/exams/sheet_draft.html"
    published = gettext_lazy("Published. Readers see the new edition; its PDF is being made.")
    whole = gettext_lazy("the whole sheet")
    preview_template = "admin/exams/sheet_preview.html"

    def context(self, desk: Desk) -> Mapping[str, Any]:
        """Return sections with their blocks, what other languages have, and where those are written."""
        draft, content = desk.draft, desk.content
        language = language_of(draft.name)
        others = sheet_languages.others(draft.certification, language, content)
        is_translation = language != draft.certification.original_language
        return {
            "language": language,
            "is_translation": is_translation,
            "sections": [
                self._section(desk, number, others if not is_translation else others[:1], language)
                for number in range(len(content["sections"]))
            ],
            "further": self._further(desk, others) if is_translation else [],
            "missing": sum(len(other.missing) for other in others) if is_translation else 0,
            "behind": [(languages.name_of(one.language), len(one.missing)) for one in others],
            "may_grow": desk.layout.structure_open and len(content["sections"]) < MOST_SECTIONS,
            "known_coverage": coverage_of(draft.certification),
            "siblings": _siblings(draft),
        }

    def _section(self, desk: Desk, number: int, others: Sequence[Other], language: str) -> SectionRow:
        section, field = desk.content["sections"][number], f"sections.{number}"
        is_open = desk.layout.structure_open
        name = _("Section %(number)s") % {"number": number + 1}
        return SectionRow(
            number=number,
            field=field,
            name=f"{name}: {section['title']}" if section["title"] else name,
            title=desk.text_field(f"{field}.title", _("Title of the section"), section["title"], language),
            titles=[
                (one.language, one.titles[number])
                for one in others
                if number in one.titles and one.titles[number] != section["title"]
            ],
            said=desk.said(f"{field}.blocks"),
            blocks=list(_blocks(desk, number, others, language)),
            may_grow=is_open and len(section["blocks"]) < MOST_BLOCKS,
        )

    def _further(self, desk: Desk, others: Sequence[Other]) -> list[tuple[str, list[Missing]]]:
        """Return the sections that only the original has, each with its blocks."""
        count = len(desk.content["sections"])
        return [
            (title, [one for one in other.missing if one.section == number])
            for other in others
            for number, title in other.titles.items()
            if number >= count
        ]

    def content_of(self, post: Fields, stored: Content) -> dict[str, Any]:
        """Return the content that the form holds."""
        return sheet_form.content_of(post, stored)

    def changed(self, content: dict[str, Any], post: Fields, draft: Draft) -> dict[str, Any]:
        """Add, move or remove sections and blocks; take over blocks that only the original has."""
        act = post.get("do", "")
        name, numbers = sheet_form.numbers_of(act)
        if language_of(draft.name) != draft.certification.original_language:
            if name == "take" and len(numbers) == 2:
                return sheet_languages.taken(draft.certification, content, *numbers)
            if act == "take-all":
                return sheet_languages.taken(draft.certification, content, None, 0)
        return sheet_form.changed(content, act)

    def next_place(self, post: Fields) -> str:
        """Lead to what was moved or added."""
        name, numbers = sheet_form.numbers_of(post.get("do", "save"))
        return f"#sections.{numbers[0]}" if numbers and name != "save" else ""

    def label_of(self, path: str) -> str:
        """Return the label of a path: "2.3: Text"."""
        steps = path.split(".")
        if len(steps) < 2 or not steps[1].isdigit():
            return str(self.whole) if steps[0] == "sections" else path
        if len(steps) < 4 or not steps[3].isdigit():
            label = _("Section %(number)s") % {"number": int(steps[1]) + 1}
            return f"{label}: {_LABELS['title']}" if steps[-1] == "title" else label
        number = f"{int(steps[1]) + 1}.{int(steps[3]) + 1}"
        return f"{number}: {_LABELS.get(steps[4], steps[4])}" if len(steps) > 4 else number

    def differences(self, one: Content, other: Content) -> list[Difference]:
        """Return what differs, block by block."""
        return sheet_changes.differences(one, other, self.label_of)

    def places(self, desk: Desk) -> Sequence[tuple[str, str]]:
        """Return every section and block."""
        found = []
        for number, section in enumerate(desk.content["sections"]):
            field = f"sections.{number}"
            found.append((field, f"{number + 1}. {section['title']}"))
            for place, block in enumerate(section["blocks"]):
                found.append((f"{field}.blocks.{place}", f"{number + 1}.{place + 1} {block['title']}"))
        return found

    def views(self, content: Content) -> Sequence[tuple[str, str | Promise]]:
        """Return each section, and the whole sheet."""
        sections = [
            (str(number), f"{number + 1}. {one['title']}") for number, one in enumerate(content["sections"])
        ]
        return [*sections, (WHOLE, _("The whole sheet"))]

    def languages(self, draft: Draft, content: Content) -> Sequence[str]:
        """Return the language of the sheet."""
        return (language_of(draft.name),)

    def preview(self, draft: Draft, content: Content, view: str, language: str) -> Mapping[str, Any]:
        """Return a section, or all of them, as the page of the sheet shows them. Raises CannotPublish."""
        known: set[str] = set()
        shown = [
            _previewed(number, section, known, language)
            for number, section in enumerate(content["sections"])
            if view in (WHOLE, str(number))
        ]
        return {
            "sections": shown,
            "lang": "" if language == get_language() else language,
            "code": draft.certification.code,
        }


_LABELS: Final[Mapping[str, Promise]] = {
    "title": gettext_lazy("Heading"),
    "covers": gettext_lazy("Covers"),
    "source": gettext_lazy("Text of the block"),
}


def _blocks(desk: Desk, section: int, others: Sequence[Other], language: str) -> Iterator[BlockRow]:
    blocks = desk.content["sections"][section]["blocks"]
    missing = [
        one
        for other in others
        for one in other.missing
        if one.section == section and language != desk.draft.certification.original_language
    ]
    for place in range(len(blocks) + 1):
        yield from (_gap(section, one) for one in missing if one.before == place)
        if place < len(blocks):
            beside = [one.blocks[section, place] for one in others if (section, place) in one.blocks]
            yield _row(desk, section, place, beside, language)


def _gap(section: int, one: Missing) -> BlockRow:
    act = f"{section}.{one.place}"
    return BlockRow(one.place, one.number, one.title, f"take.{act}", (), None, (), False, "", "", one)


def _row(desk: Desk, section: int, place: int, beside: Sequence[OtherBlock], language: str) -> BlockRow:
    sections = desk.content["sections"]
    block, field = sections[section]["blocks"][place], f"sections.{section}.blocks.{place}"
    fields = [
        desk.text_field(f"{field}.title", str(_LABELS["title"]), block["title"], language),
        desk.text_field(f"{field}.covers", str(_LABELS["covers"]), " ".join(block["covers"])),
    ]
    source = desk.text_field(f"{field}.source", str(_LABELS["source"]), block["source"], language, rows=6)
    last = len(sections[section]["blocks"]) - 1
    above = len(sections[section - 1]["blocks"]) if section else 0
    return BlockRow(
        place=place,
        number=f"{section + 1}.{place + 1}",
        title=block["title"],
        field=field,
        fields=fields,
        source=source,
        beside=beside,
        is_open=not block["source"] or any(one.blocks for each in (*fields, source) for one in each.said),
        up=_place(section, place - 1) if place else _place(section - 1, above) if section else "",
        down=_place(section, place + 1)
        if place < last
        else _place(section + 1, 0)
        if section < len(sections) - 1
        else "",
    )


def _place(section: int, place: int) -> str:
    return f"sections.{section}.blocks.{place}"


def _siblings(draft: Draft) -> list[tuple[str, Draft]]:
    """Return the open drafts of the other languages. One statement."""
    rows = Draft.objects.filter(kind=NAME, certification=draft.certification, state__in=OPEN)
    return [(languages.name_of(language_of(one.name)), one) for one in rows.exclude(pk=draft.pk)]


def _previewed(number: int, section: Content, known: set[str], language: str) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = []
    for place, one in enumerate(section["blocks"], start=1):
        first = tuple(name for name in one["covers"] if name not in known)
        known.update(first)
        html = render_block(one["source"], language)
        block = Block(f"{number + 1}.{place}", one["title"], one["source"], html, tuple(one["covers"]), first)
        blocks.append({"block": block, "html": html})
    return {
        "section": Section(number + 1, section["title"], tuple(one["block"] for one in blocks)),
        "blocks": blocks,
    }
