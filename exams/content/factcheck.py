"""The part that says what the key of each item rests on."""

from exams.content.dated import FactCheckRecord
from exams.content.folder import Folder
from exams.content.formats.factcheck_md import read_factcheck
from exams.content.guide import guide_of
from exams.content.parts import Content, Part
from exams.content.records import Place

FILE = "CHECKED.md"


class FactCheckPart(Part[FactCheckRecord]):
    """The pages of documentation behind each key."""

    name = "factcheck"
    files = (r"CHECKED\.md",)
    kept = files

    def read(self, folder: Folder, content: Content) -> FactCheckRecord | None:
        """Return the fact check, or None where there is none; revised exams cannot do without one."""
        guide = guide_of(content)
        if guide.revised and FILE not in folder.names:
            return FactCheckRecord((), Place(FILE, 0))
        return folder.one(FILE, lambda data, file: read_factcheck(data, file, guide.item_ids), optional=True)
