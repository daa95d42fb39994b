"""The folder of a certification: its files one by one as records, and everything that is wrong with them."""

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Final

from exams.content.records import FormatError, Place, Problem

NUMBER: Final = re.compile(r"\d+")
EXAMS: Final = "exams/"
READINGS_SUFFIX: Final = ".reading.yaml"
UNFINISHED: Final = "unfinished.md"
"""A certification that has such a file is being written: measured, but not judged nor loaded with others."""


def certification_folders(fixtures: Path) -> list[Path]:
    """Return the folders of all certifications, by name."""
    return sorted(path.parent for path in fixtures.glob("*/certification.yaml"))


def is_unfinished(directory: Path) -> bool:
    """Tell whether a certification is still being written, so that nobody should find it on the site."""
    return (directory / UNFINISHED).is_file()


class Folder:
    """Reads files and gathers their faults; names are relative to the folder, parted by slashes.

    With `only` (`exam-1`) the files of other exams are passed over.
    """

    def __init__(self, directory: Path, only: str | None = None) -> None:
        self.directory = directory
        self.only = only
        self.problems: list[Problem] = []

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names of all files, those with numbers in the order of the numbers."""
        paths = (path for path in self.directory.rglob("*") if path.is_file())
        names = (path.relative_to(self.directory).as_posix() for path in paths)
        return tuple(sorted((name for name in names if self._is_wanted(name)), key=_by_number))

    def _is_wanted(self, name: str) -> bool:
        if self.only is None or not name.startswith(EXAMS):
            return True
        return name.removeprefix(EXAMS).split(".")[0] == self.only

    def one[T](self, name: str, parse: Callable[[bytes, str], T], *, optional: bool = False) -> T | None:
        """Return a file as a record, or None where it has faults or, if `optional`, is not there."""
        try:
            return parse((self.directory / name).read_bytes(), name)
        except FormatError as error:
            self.problems.extend(error.problems)
        except OSError as error:
            # A file that is there and cannot be read is a fault, also of a part that may be missing.
            if not (optional and isinstance(error, FileNotFoundError)):
                self.problems.append(Problem(Place(name, 0), "", f"cannot be read: {error.strerror}"))
        return None

    def all[T](self, pattern: str, parse: Callable[[bytes, str], T]) -> tuple[T, ...]:
        """Return the files whose whole names match a regular expression."""
        records = (self.one(name, parse) for name in self.names if re.fullmatch(pattern, name))
        return tuple(record for record in records if record is not None)

    def refuse_unread(self, patterns: Iterable[str]) -> None:
        """Complain about YAML files that match no pattern: a misspelled name would be passed over unseen."""
        known = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
        for name in self.names:
            # Blind readings lie beside the exams, and are no part of a load.
            if name.endswith(".yaml") and not name.endswith(READINGS_SUFFIX) and not known.fullmatch(name):
                message = "no part of a certification has a file of this name"
                self.problems.append(Problem(Place(name, 0), "", message))


def _by_number(name: str) -> tuple[str, int, str]:
    number = NUMBER.search(name)
    return (name[: number.start()], int(number.group()), name) if number else (name, 0, name)
