"""Files of a directory one by one as records, with everything that is wrong with any of them."""

from collections.abc import Callable
from pathlib import Path

from exams.content.records import FormatError, Place, Problem


class Reader:
    """Reads files of a directory and gathers their faults; file names in records are relative to it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.problems: list[Problem] = []

    def one[T](self, name: str, parse: Callable[[bytes, str], T], *, optional: bool = False) -> T | None:
        """Return a file as a record, or None where it has faults or, if `optional`, is not there."""
        try:
            return parse((self.directory / name).read_bytes(), name)
        except FormatError as error:
            self.problems.extend(error.problems)
        except OSError as error:
            if not (optional and isinstance(error, FileNotFoundError)):
                self.problems.append(Problem(Place(name, 0), "", f"cannot be read: {error.strerror}"))
        return None
