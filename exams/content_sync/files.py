"""The parts with the figures, and with the files that no other table holds."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

import yaml

from exams.bank import services as bank
from exams.catalog.models import Certification, ContentFile
from exams.content.catalog import CatalogPart
from exams.content.figures import FiguresPart, FiguresRecord
from exams.content.folder import Folder
from exams.content.formats.text import decoded
from exams.content.formats.tree import LOADER
from exams.content.parts import Content
from exams.content.records import Place
from exams.content_sync.operations import ImageOperation, Operation
from exams.content_sync.parts import StoredPart, apply, content_parts
from exams.publication.models import PublishLog


class StoredFiguresPart(FiguresPart, StoredPart[FiguresRecord]):
    """Images are kept for ever once they are there, so none is taken out again."""

    def plan(self, record: FiguresRecord, content: Content, overwrite: Container[str]) -> Sequence[Operation]:
        """Return the images that the bank does not have."""
        known = bank.rasters(record.images.keys())
        return [
            ImageOperation(image, place=Place(f"figures/{name}", 0))
            for name, image in record.images.items()
            if name not in known
        ]

    def write(self, code: str) -> Mapping[str, bytes]:
        """Return nothing: whoever writes items writes what they show beside them."""
        return {}


@apply.register
def _store_image(operation: ImageOperation, code: str, log: PublishLog) -> None:
    bank.store_images([operation.picture])


BLUEPRINT: Final = "blueprint.yaml"


@dataclass(frozen=True, slots=True)
class FileOperation(Operation):
    """A file that is new, has changed or, without content, has left."""

    name: str
    content: str | None = field(repr=False)
    noun: ClassVar[str] = "files kept as they are"

    def __str__(self) -> str:
        return f"{self.name}: {'no longer there' if self.content is None else 'kept as it is written'}"


class StoredFilesPart(StoredPart[Mapping[str, str]]):
    """Files whose readers are other parts: this one only keeps their words."""

    name = "files"
    files = ()

    def read(self, folder: Folder, content: Content) -> Mapping[str, str] | None:
        """Return the files by name; None where only some exams were asked for, so that none seem to leave."""
        if folder.only is not None or content.get(CatalogPart) is None:
            return None
        kept = [pattern for part in content_parts() for pattern in part.kept]
        names = [name for name in folder.names if any(re.fullmatch(pattern, name) for pattern in kept)]
        contents = {name: folder.one(name, decoded) for name in names}
        return {name: text for name, text in contents.items() if text is not None}

    def plan(
        self, record: Mapping[str, str], content: Content, overwrite: Container[str]
    ) -> Sequence[Operation]:
        """Return the files that differ from those stored."""
        stored = stored_files(content[CatalogPart].certification.code)
        changed = [
            FileOperation(name, text)
            for name, text in record.items()
            if _differs(name, stored.get(name), text)
        ]
        return [*changed, *(FileOperation(name, None) for name in stored if name not in record)]

    def write(self, code: str) -> Mapping[str, bytes]:
        """Return the files as they were; the blueprint is written by the catalog."""
        return {name: text.encode() for name, text in stored_files(code).items() if name != BLUEPRINT}


@apply.register
def _store_file(operation: FileOperation, code: str, log: PublishLog) -> None:
    certification = Certification.objects.get(code=code)
    if operation.content is None:
        ContentFile.objects.filter(certification=certification, name=operation.name).delete()
    else:
        ContentFile.objects.update_or_create(
            certification=certification, name=operation.name, defaults={"content": operation.content}
        )


def _differs(name: str, stored: str | None, text: str) -> bool:
    """Tell whether a file says something else; a blueprint is written anew, so only what it says counts."""
    if stored is None or stored == text or name != BLUEPRINT:
        return stored != text
    return bool(yaml.load(stored, LOADER) != yaml.load(text, LOADER))  # noqa: S506 (a safe loader)


def stored_files(code: str) -> dict[str, str]:
    """Return the kept files of a certification by name. One statement."""
    return dict(ContentFile.objects.filter(certification__code=code).values_list("name", "content"))
