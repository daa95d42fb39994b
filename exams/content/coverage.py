"""The part that lists what the exams of a certification have to cover."""

from collections.abc import Iterator

from exams.content.catalogue import CataloguePart
from exams.content.folder import Folder
from exams.content.formats.blueprint_yaml import read_coverage
from exams.content.parts import Content, Part
from exams.content.records import CoverageRecord, Problem


class CoveragePart(Part[CoverageRecord]):
    """The coverage items of the blueprint."""

    name = "coverage"
    files = (r"blueprint\.yaml",)

    def read(self, folder: Folder, content: Content) -> CoverageRecord | None:
        """Return the items, or None where the blueprint lists none."""
        if content.get(CataloguePart) is None:
            return None  # its faults are known already
        return folder.one("blueprint.yaml", read_coverage)

    def problems(self, record: CoverageRecord, content: Content) -> Iterator[Problem]:
        """Return what slots name that is not listed."""
        for exam in content[CataloguePart].blueprint.exams:
            for slot in exam.slots:
                for name in slot.covers:
                    if name not in record.ids:
                        yield Problem(slot.place, slot.id, f"unknown coverage id {name!r}")


def coverage_ids(content: Content) -> frozenset[str]:
    """Return the coverage ids of a certification; none where it lists none."""
    record = content.get(CoveragePart)
    return frozenset() if record is None else record.ids
