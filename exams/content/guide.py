"""The part that says what the rules of writing must know of a vendor. Without it nothing is known."""

from exams.content.folder import Folder
from exams.content.formats.guide_yaml import read_guide
from exams.content.parts import Content, Part
from exams.content.records import Guide

FILE = "guide.yaml"


class GuidePart(Part[Guide]):
    """Hosts of references, abbreviations, names that moved on, the shape of ids."""

    name = "guide"
    files = (r"guide\.yaml",)
    kept = files

    def read(self, folder: Folder, content: Content) -> Guide:
        """Return the guide, or one that says nothing."""
        return folder.one(FILE, read_guide, optional=True) or Guide()


def guide_of(content: Content) -> Guide:
    """Return the guide of a certification, one that says nothing where the part is not there."""
    return content.get(GuidePart) or Guide()
