"""The cheat sheet of a language as a kind of draft: its sections and blocks, as they are written."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy

from exams.authoring import shapes, sheet_remarks
from exams.authoring.kinds import Content, ContentError, Current, Remark
from exams.catalogue.models import Certification
from exams.cheatsheet import files, selectors, services
from exams.cheatsheet.models import SheetEdition
from exams.cheatsheet.records import BlockRecord, SectionRecord, sheet_draft
from exams.publication.models import PublishLog
from i18n import languages

NAME: Final = "cheatsheet"
MOST_SECTIONS: Final = 40
MOST_BLOCKS: Final = 60


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

    def clean(self, content: Content) -> Content:
        """Return the content in its one shape. Raises ContentError."""
        whole = shapes.mapping(content, "", ("sections",))
        found = shapes.rows(whole.get("sections", []), "sections", MOST_SECTIONS)
        return {"sections": [_clean_section(one, f"sections.{n}", n) for n, one in enumerate(found)]}

    def remarks(self, certification: Certification, name: str, content: Content) -> Sequence[Remark]:
        """Return what the pages could not show, and where the sheet leaves its form."""
        return list(sheet_remarks.of(content, language_of(name)))

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
        said = gettext_lazy("This has to be the name of a cheat sheet, such as %(example)s.")
        raise ContentError("name", said, example=f"{NAME}/{languages.DEFAULT}")
    return language


def _section(section: SectionRecord) -> dict[str, Any]:
    return {
        "title": section.title,
        "blocks": [
            {"title": one.title, "covers": list(one.covers), "source": one.source} for one in section.blocks
        ],
    }


def _clean_section(value: object, field: str, number: int) -> dict[str, Any]:
    section = shapes.mapping(value, field, ("title", "blocks"))
    blocks = shapes.rows(section.get("blocks", []), f"{field}.blocks", MOST_BLOCKS)
    return {
        "title": shapes.line(section.get("title", ""), f"{field}.title"),
        "blocks": [_clean_block(one, f"{field}.blocks.{n}") for n, one in enumerate(blocks)],
    }


def _clean_block(value: object, field: str) -> dict[str, Any]:
    block = shapes.mapping(value, field, ("title", "covers", "source"))
    written = shapes.text(block.get("source", ""), f"{field}.source")
    return {
        "title": shapes.line(block.get("title", ""), f"{field}.title"),
        "covers": shapes.lines(block.get("covers", []), f"{field}.covers", 60, 60),
        "source": "\n".join(one.rstrip() for one in written.split("\n")).strip("\n"),
    }


def _records(content: Content) -> Iterator[SectionRecord]:
    """Yield the sections, their blocks numbered as files number them."""
    for number, section in enumerate(content["sections"], start=1):
        blocks = tuple(
            BlockRecord(
                f"{number}.{place}", one["title"], tuple(one["covers"]), (), (), (), (), (), one["source"]
            )
            for place, one in enumerate(section["blocks"], start=1)
        )
        if blocks:
            yield SectionRecord(section["title"], blocks)
