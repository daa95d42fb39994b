"""The editor of a cheat sheet in one language, beside the sheets of others: sections and blocks as a form.

Names of fields are paths of the content, every block is in the form.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.users.requests import SignedInRequest
from exams.admin.draft_editor import (
    BeginningForm,
    Difference,
    DraftPage,
    EditorContext,
    Fields,
    TextField,
    begin,
    listed,
    rows_in,
)
from exams.admin.item_editor import coverage_of
from exams.admin.requests import staff_view
from exams.authoring import rights, sheets
from exams.authoring.kinds import Content, Remark
from exams.authoring.models import OPEN, Draft
from exams.authoring.sheets import MOST_BLOCKS, MOST_SECTIONS, NAME, Missing, Other, OtherBlock, language_of
from exams.cheatsheet.models import SheetEdition
from exams.cheatsheet.selectors import Block, Section
from exams.cheatsheet.services import render_block
from i18n import languages


class NewForm(BeginningForm):
    """Of which certification a sheet is, and in which language. A sheet that is there already goes on."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[(code, languages.name_of(code)) for code in languages.CODES],
        widget=UnfoldAdminSelectWidget(),
    )

    @property
    def name(self) -> str:
        """The name of the draft, once the form is valid."""
        return f"{NAME}/{self.cleaned_data['language']}"

    @property
    def is_beyond_translating(self) -> bool:
        """Tell whether the sheet is the original, once the form is valid."""
        return bool(self.cleaned_data["language"] == self.cleaned_data["certification"].original_language)


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE, rights.TRANSLATE)
def new(request: SignedInRequest) -> HttpResponse:
    """Ask for certification and language, then open the draft."""
    form, person = NewForm(request.POST or None), request.user
    if form.is_valid() and form.is_beyond_translating and not rights.may(person, rights.WRITE):
        form.add_error("language", _("A translator writes only in other languages than the original."))
    return begin(request, form, kind=NAME, title=_("New cheat sheet"), model=SheetEdition)


EMPTY: Final[Mapping[str, Any]] = {"title": "", "covers": [], "source": ""}


def _block(post: Fields, field: str) -> dict[str, Any]:
    return {
        "title": post[f"{field}.title"],
        "covers": listed(post, f"{field}.covers", ()),
        "source": post.get(f"{field}.source", ""),
    }


def numbers_of(act: str) -> tuple[str, list[int]]:
    """Return the name of an act and its numbers: "up-block.1.2" is up-block, 1 and 2."""
    name, *steps = act.split(".")
    known = all(one.isascii() and one.isdigit() and len(one) < 3 for one in steps)
    return name, [int(one) for one in steps] if known else []


def changed(content: dict[str, Any], act: str) -> dict[str, Any]:
    """Return the content after a button: sections and blocks added, removed or moved.

    A block that moves beyond its section goes to the next one. What is no act changes nothing.
    """
    sections = [{**one, "blocks": list(one["blocks"])} for one in content["sections"]]
    match numbers_of(act):
        case "add-section", []:
            sections.append({"title": "", "blocks": [dict(EMPTY)]})
        case "remove-section", [number] if number < len(sections):
            del sections[number]
        case "up-section", [number] if 0 < number < len(sections):
            sections.insert(number - 1, sections.pop(number))
        case "down-section", [number] if number < len(sections) - 1:
            sections.insert(number + 1, sections.pop(number))
        case name, [number, *rest] if number < len(sections):
            _change_blocks(sections, name, number, rest)
    return {**content, "sections": sections}


def _change_blocks(sections: list[dict[str, Any]], name: str, number: int, rest: list[int]) -> None:
    blocks = sections[number]["blocks"]
    match name, rest:
        case "add-block", []:
            blocks.append(dict(EMPTY))
        case "remove-block", [place] if place < len(blocks):
            del blocks[place]
        case "up-block", [place] if place < len(blocks):
            if place:
                blocks.insert(place - 1, blocks.pop(place))
            elif number:
                sections[number - 1]["blocks"].append(blocks.pop(place))
        case "down-block", [place] if place < len(blocks):
            if place < len(blocks) - 1:
                blocks.insert(place + 1, blocks.pop(place))
            elif number < len(sections) - 1:
                sections[number + 1]["blocks"].insert(0, blocks.pop(place))


WORDS: Final = ("title", "covers", "source")
# Names that no field of the form has: what they say cannot be taken over field by field.
ORDER: Final = "order"
REMOVED: Final = "removed"

type Blocks = Mapping[str, Mapping[str, Any]]


def _differences(one: Content, other: Content, label_of: Callable[[str], str]) -> Iterator[Difference]:
    before, after = _blocks_by_field(one), _blocks_by_field(other)
    known = _matched(before, after)
    if [*known.values()] != [*before] or [*known] != [*before]:
        yield Difference(ORDER, _("Order"), _outline(one), _outline(other))
    sections = zip_longest(one["sections"], other["sections"], fillvalue={"title": ""})
    for number, (mine, theirs) in enumerate(sections):
        if mine["title"] != theirs["title"]:
            field = f"sections.{number}.title"
            yield Difference(field, label_of(field), mine["title"], theirs["title"])
    for field, block in after.items():
        was = before.get(known[field], {})
        for name in WORDS:
            if was.get(name, "") != block[name]:
                path = f"{field}.{name}"
                yield Difference(path, label_of(path), _text(was.get(name, "")), _text(block[name]))
    kept = set(known.values())
    for field, block in before.items():
        if field not in kept:
            yield Difference(f"{REMOVED}.{field}", label_of(field), block["source"], "")


def _blocks_by_field(content: Content) -> Blocks:
    return {
        f"sections.{number}.blocks.{place}": block
        for number, section in enumerate(content["sections"])
        for place, block in enumerate(section["blocks"])
    }


def _matched(before: Blocks, after: Blocks) -> dict[str, str]:
    """Return where each block was: the one with its heading, else the one at its place; "" for a new one."""
    left = dict.fromkeys(before)
    matched: dict[str, str] = {}
    for field, block in after.items():
        same = [one for one in left if before[one]["title"] == block["title"]]
        if same:
            matched[field] = field if field in same else same[0]
            del left[matched[field]]
    for field in after:
        if field not in matched:
            matched[field] = field if field in left else ""
            left.pop(field, None)
    return {field: matched[field] for field in after}


def _outline(content: Content) -> str:
    return "\n".join(
        f"{number}.{place} {block['title']}"
        for number, section in enumerate(content["sections"], start=1)
        for place, block in enumerate(section["blocks"], start=1)
    )


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else " ".join(value)


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
    remarks: Sequence[Remark]
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

    def context(self, editor: EditorContext) -> Mapping[str, Any]:
        """Return sections with their blocks, what other languages have, and where those are written."""
        draft, content = editor.draft, editor.content
        language = language_of(draft.name)
        others = sheets.others(draft.certification, language, content)
        is_translation = language != draft.certification.original_language
        return {
            "language": language,
            "is_translation": is_translation,
            "sections": [
                self._section(editor, number, others if not is_translation else others[:1], language)
                for number in range(len(content["sections"]))
            ],
            "further": self._further(editor, others) if is_translation else [],
            "missing": sum(len(other.missing) for other in others) if is_translation else 0,
            "behind": [(languages.name_of(one.language), len(one.missing)) for one in others],
            "may_grow": editor.layout.structure_open and len(content["sections"]) < MOST_SECTIONS,
            "known_coverage": coverage_of(draft.certification),
            "siblings": _siblings(draft),
        }

    def _section(
        self, editor: EditorContext, number: int, others: Sequence[Other], language: str
    ) -> SectionRow:
        section, field = editor.content["sections"][number], f"sections.{number}"
        is_open = editor.layout.structure_open
        name = _("Section %(number)s") % {"number": number + 1}
        return SectionRow(
            number=number,
            field=field,
            name=f"{name}: {section['title']}" if section["title"] else name,
            title=editor.text_field(f"{field}.title", _("Title of the section"), language),
            titles=[
                (other.language, other.titles[number])
                for other in others
                if number in other.titles and other.titles[number] != section["title"]
            ],
            remarks=editor.remarks_at(f"{field}.blocks"),
            blocks=list(_blocks(editor, number, others, language)),
            may_grow=is_open and len(section["blocks"]) < MOST_BLOCKS,
        )

    def _further(self, editor: EditorContext, others: Sequence[Other]) -> list[tuple[str, list[Missing]]]:
        """Return the sections that only the original has, each with its blocks."""
        count = len(editor.content["sections"])
        return [
            (title, [one for one in other.missing if one.section == number])
            for other in others
            for number, title in other.titles.items()
            if number >= count
        ]

    def content_of(self, post: Fields, stored: Content) -> dict[str, Any]:
        """Return the content that a form holds, what is stored where it holds no sections."""
        if "sections" not in post:
            return {"sections": stored["sections"]}
        return {
            "sections": [
                {
                    "title": post[f"sections.{number}.title"],
                    "blocks": [
                        _block(post, f"sections.{number}.blocks.{place}")
                        for place in rows_in(post, rf"sections\.{number}\.blocks\.(\d{{1,2}})\.title")
                    ],
                }
                for number in rows_in(post, r"sections\.(\d{1,2})\.title")
            ]
        }

    def changed(self, content: dict[str, Any], post: Fields, draft: Draft) -> dict[str, Any]:
        """Add, move or remove sections and blocks; take over blocks that only the original has."""
        act = post.get("do", "")
        name, numbers = numbers_of(act)
        if language_of(draft.name) != draft.certification.original_language:
            if name == "take" and len(numbers) == 2:
                return sheets.taken(draft.certification, content, *numbers)
            if act == "take-all":
                return sheets.taken(draft.certification, content, None, 0)
        return changed(content, act)

    def next_place(self, post: Fields) -> str:
        """Lead to what was moved or added."""
        name, numbers = numbers_of(post.get("do", "save"))
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
        return list(_differences(one, other, self.label_of))

    def places(self, editor: EditorContext) -> Sequence[tuple[str, str]]:
        """Return every section and block."""
        fields = []
        for number, section in enumerate(editor.content["sections"]):
            field = f"sections.{number}"
            fields.append((field, f"{number + 1}. {section['title']}"))
            for place, block in enumerate(section["blocks"]):
                fields.append((f"{field}.blocks.{place}", f"{number + 1}.{place + 1} {block['title']}"))
        return fields

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
        sections = [
            _previewed(number, section, known, language)
            for number, section in enumerate(content["sections"])
            if view in (WHOLE, str(number))
        ]
        return {
            "sections": sections,
            "lang": "" if language == get_language() else language,
            "code": draft.certification.code,
        }


_LABELS: Final[Mapping[str, Promise]] = {
    "title": gettext_lazy("Heading"),
    "covers": gettext_lazy("Covers"),
    "source": gettext_lazy("Text of the block"),
}


def _blocks(
    editor: EditorContext, section: int, others: Sequence[Other], language: str
) -> Iterator[BlockRow]:
    blocks = editor.content["sections"][section]["blocks"]
    missing = [
        missing_block
        for other in others
        for missing_block in other.missing
        if missing_block.section == section and language != editor.draft.certification.original_language
    ]
    for place in range(len(blocks) + 1):
        yield from (_gap(section, one) for one in missing if one.before == place)
        if place < len(blocks):
            beside = [one.blocks[section, place] for one in others if (section, place) in one.blocks]
            yield _row(editor, section, place, beside, language)


def _gap(section: int, gap: Missing) -> BlockRow:
    act = f"{section}.{gap.place}"
    return BlockRow(gap.place, gap.number, gap.title, f"take.{act}", (), None, (), False, "", "", gap)


def _row(
    editor: EditorContext, section: int, place: int, beside: Sequence[OtherBlock], language: str
) -> BlockRow:
    sections = editor.content["sections"]
    block, field = sections[section]["blocks"][place], f"sections.{section}.blocks.{place}"
    fields = [
        editor.text_field(f"{field}.title", _LABELS["title"], language),
        editor.text_field(f"{field}.covers", _LABELS["covers"]),
    ]
    source = editor.text_field(f"{field}.source", _LABELS["source"], language, rows=6)
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
        is_open=not block["source"]
        or any(one.startswith(f"{field}.") for one in editor.changed)
        or any(one.blocks for each in (*fields, source) for one in each.remarks),
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
    for place, row in enumerate(section["blocks"], start=1):
        first = tuple(name for name in row["covers"] if name not in known)
        known.update(first)
        html = render_block(row["source"], language)
        block = Block(f"{number + 1}.{place}", row["title"], row["source"], html, tuple(row["covers"]), first)
        blocks.append({"block": block, "html": html})
    return {
        "section": Section(number + 1, section["title"], tuple(one["block"] for one in blocks)),
        "blocks": blocks,
    }
