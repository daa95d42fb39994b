"""What the folder of a certification is made of: parts, each with its files, its reader and its rules.

The parts are listed in settings (CONTENT_PARTS), as middleware is: whoever adds one names its class there
and touches nothing else. A part sees the parts before it while it reads, and all of them afterwards.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from exams.content.folder import Folder
from exams.content.records import FormatError, ItemRecord, ItemTextRecord, Problem


class Part[Record](ABC):
    """One part: what it reads is one record, or None where the certification does without it."""

    name: ClassVar[str]
    files: ClassVar[tuple[str, ...]]  # regular expressions of whole names in the folder
    kept: ClassVar[
        tuple[str, ...]
    ] = ()  # those of them that no table holds, so that they are kept as written

    @abstractmethod
    def read(self, folder: Folder, content: "Content") -> Record | None:
        """Read the files of the part; their faults gather in the folder."""

    def problems(self, record: Record, content: "Content") -> Iterable[Problem]:
        """Return faults that no single file can show, such as a name that another part does not know."""
        return ()

    def items(self, record: Record) -> Iterable[ItemRecord | ItemTextRecord]:
        """Return the items that the part holds, in whatever language: figures are looked for in them."""
        return ()

    def planned(self, record: Record) -> int | None:
        """Return how many of its kind there will be, for the page of the certification; None says nothing."""
        return None


class Content:
    """The parts of one certification that are there, each with its record."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[Part[Any], Any]] = {}

    def put[Record](self, part: Part[Record], record: Record) -> None:
        """Keep what a part has read."""
        self._entries[part.name] = (part, record)

    def get[Record](self, part: type[Part[Record]]) -> Record | None:
        """Return the record of a part, or None where it is not there."""
        entry = self._entries.get(part.name)
        return None if entry is None else entry[1]

    def __getitem__[Record](self, part: type[Part[Record]]) -> Record:
        """Return the record of a part that must be there. Raises KeyError."""
        record: Record = self._entries[part.name][1]
        return record

    def entries(self) -> Iterator[tuple[Part[Any], Any]]:
        """Return each part with its record, in the order of the parts."""
        yield from self._entries.values()

    def items(self) -> Iterator[ItemRecord | ItemTextRecord]:
        """Return the items of every part."""
        for part, record in self.entries():
            yield from part.items(record)

    def planned(self) -> dict[str, int]:
        """Return how much is planned, by the name of the part."""
        counts = {part.name: part.planned(record) for part, record in self.entries()}
        return {name: count for name, count in counts.items() if count is not None}


def read_content(directory: Path, parts: Sequence[Part[Any]], only: str | None = None) -> Content:
    """Read all parts of a folder, of the exams only the one named. Raises FormatError with every fault."""
    folder, content = Folder(directory, only), Content()
    for part in parts:
        record = part.read(folder, content)
        if record is not None:
            content.put(part, record)
    folder.refuse_unread(pattern for part in parts for pattern in part.files)
    problems = [*folder.problems]
    for part, record in content.entries():
        problems += part.problems(record, content)
    if problems:
        raise FormatError(tuple(problems))
    return content
