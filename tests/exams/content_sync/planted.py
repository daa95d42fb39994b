"""A part that the product does not have: what a new part needs is a class and its name in the settings."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from exams.catalog.models import Certification
from exams.content.catalog import CatalogPart
from exams.content.folder import Folder
from exams.content.formats.tree import finish, open_document
from exams.content.parts import Content
from exams.content.records import Problem
from exams.content_sync.operations import Operation
from exams.content_sync.parts import StoredPart, apply
from exams.publication.models import PublishLog


@dataclass(frozen=True, slots=True)
class LevelStep(Operation):
    """A level that differs from the stored one; an empty one is taken away."""

    level: str
    noun: ClassVar[str] = "levels"

    def __str__(self) -> str:
        return f"level: {self.level}"


class LevelPart(StoredPart[str]):
    """The file level.yaml: another name for the level of a certification."""

    name = "level"
    files = (r"level\.yaml",)

    def read(self, folder: Folder, content: Content) -> str | None:
        """Return the level, or None where there is no file."""
        return folder.one("level.yaml", _read, optional=True)

    def problems(self, record: str, content: Content) -> Iterator[Problem]:
        """Refuse the level that the blueprint has already."""
        blueprint = content[CatalogPart].blueprint
        if record == blueprint.facts.level:
            yield Problem(blueprint.place, "", f"{record!r} is the level of the blueprint")

    def planned(self, record: str) -> int | None:
        """Plan one."""
        return 1

    def plan(self, record: str, content: Content, overwrite: Container[str]) -> Sequence[Operation]:
        """Compare with the stored level."""
        stored = Certification.objects.filter(code=content[CatalogPart].certification.code)
        return [] if stored.filter(level=record).exists() else [LevelStep(record)]

    def write(self, code: str) -> Mapping[str, bytes]:
        """Return the file of the level."""
        return {"level.yaml": f"level: {Certification.objects.get(code=code).level}\n".encode()}


@apply.register
def _store(step: LevelStep, code: str, log: PublishLog) -> None:
    Certification.objects.filter(code=code).update(level=step.level)


def _read(data: bytes, file: str) -> str:
    root, problems = open_document(data, file)
    level = root.fields(("level",)).text("level")
    finish(problems)
    return level
