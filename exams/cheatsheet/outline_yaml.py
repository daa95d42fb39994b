"""The outline of the cheat sheet: bytes to a record."""

from typing import Final

from exams.cheatsheet.records import OutlineBlockRecord, OutlineRecord, OutlineSectionRecord
from exams.content.formats.tree import Branch, finish, open_document

FORMS: Final = ("text", "table", "bullets", "steps")


def read_outline(data: bytes, file: str) -> OutlineRecord:
    """Read the outline of the cheat sheet; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    sections = tuple(_section(row) for row in root.fields(("sections",)).rows("sections"))
    finish(problems)
    return OutlineRecord(sections, root.place)


def _section(branch: Branch) -> OutlineSectionRecord:
    fields = branch.fields(("number", "title", "blocks"))
    number = fields.number("number")
    blocks = []
    for row in fields.rows("blocks"):
        entry = row.fields(("number", "title", "form"))
        block = OutlineBlockRecord(entry.text("number"), entry["title"].title(), entry["form"].one_of(FORMS))
        if not block.number.startswith(f"{number}."):
            row.complain(f"block {block.number} does not belong to section {number}")
        blocks.append(block)
    return OutlineSectionRecord(number, fields["title"].title(), tuple(blocks))
