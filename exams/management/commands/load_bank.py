"""`manage.py load_bank`: content files into the bank."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from django.conf import settings
from django.core.management.base import CommandError
from django.db import OperationalError

from accounts.base.commands import LongHelpCommand
from exams.content.catalog import CatalogPart
from exams.content.exams import ExamsPart
from exams.content.folder import certification_folders, is_unfinished
from exams.content.parts import Content, read_content
from exams.content.records import FormatError
from exams.content_sync import load
from exams.content_sync.parts import content_parts

LOCK_NOT_AVAILABLE: Final = "55P03"
HELP: Final = """
Load the content files of one certification, or of all, into the bank. One that has a file unfinished.md is
loaded only where it is named.

Reads the parts that the setting CONTENT_PARTS lists, as far as their files are in the folder, and
stores those that have tables: the catalog, the exams with their translations, the free sample and
the cheat sheet, whose PDF a job creates afterward.
The database is the master of what was published in it, by a person, an import or a correction: a load adds
what is new, brings what changed in the files and was not published here since, and lists what it leaves
alone. --overwrite takes that from the files after all, but not a question whose key was ruled on: its next
version is a draft, whose publisher says what becomes of the ruling. A certification is stored in one
transaction or not at all. A second run changes nothing.

Exit code: 0 if all is loaded, 1 on a fault in the content (named with file, line and item)
and where others publish for too long, 2 on wrong usage.
"""


class Command(LongHelpCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dir",
            type=Path,
            help="directory of the content files of one certification (all finished ones below fixtures/)",
        )
        parser.add_argument("--dry-run", action="store_true", help="print the plan and store nothing")
        parser.add_argument(
            "--overwrite",
            nargs="+",
            default=[],
            metavar="NAME",
            help="take these from the files although published here: E1-Q07, exam-1, cheatsheet/en, or all",
        )
        parser.add_argument("--only", metavar="EXAM", help="load one exam only, for example exam-1")

    def handle(self, *args: Any, **options: Any) -> None:
        directories = _directories(options["dir"])
        # Of several certifications only those that have such an exam are loaded.
        if only := options["only"]:
            folders = [path for path in directories if (path / "exams" / f"{only}.yaml").is_file()]
            if not folders:
                places = ", ".join(map(str, directories))
                raise CommandError(f"there is no exams/{only}.yaml in {places}", returncode=2)
            directories = folders
        # Several certifications are loaded with one list: a name needs to be known to one of them only.
        if load.EVERYTHING not in options["overwrite"] and options["overwrite"]:
            contents = [self._read(directory, only) for directory in directories]
            _refuse_unknown(options["overwrite"], contents)
        for directory in directories:
            self._load_one(directory, only, options)

    def _load_one(self, directory: Path, only: str | None, options: dict[str, Any]) -> None:
        content = self._read(directory, only)
        try:
            self._load(content, options["overwrite"], dry_run=options["dry_run"])
        except FormatError as error:
            self._give_up(error)
        except OperationalError as error:
            # It waits for others who publish, but no longer than any statement waits for a lock.
            if getattr(error.__cause__, "pgcode", "") != LOCK_NOT_AVAILABLE:
                raise
            raise CommandError("Somebody else is publishing. Nothing was stored: run it again.") from error

    def _read(self, directory: Path, only: str | None) -> Content:
        try:
            return read_content(directory, content_parts(), only)
        except FormatError as error:
            self._give_up(error)

    def _give_up(self, error: FormatError) -> NoReturn:
        for problem in error.problems:
            self.stderr.write(str(problem))
        self.stderr.write(f"Nothing was stored. Faults: {len(error.problems)}.")
        sys.exit(1)

    def _load(self, content: Content, overwrite: Sequence[str], *, dry_run: bool) -> None:
        code, exams = content[CatalogPart].certification.code, content[ExamsPart].exams
        items = sum(len(exam.items) for exam in exams)
        self.stdout.write(f"{code}: {len(exams)} exams, {items} items read.")
        plan = load.load(content, dry_run=dry_run, overwrite=overwrite, progress=self._say)
        # What is left alone is in the plan too, and is said where nothing else is to be done.
        for operation in plan.operations if plan.is_empty or dry_run else ():
            self._say(str(operation))
        if plan.is_empty:
            self.stdout.write("Nothing to change.")
        elif dry_run:
            self.stdout.write("Dry run: nothing was stored.")
        else:
            self.stdout.write(f"Done: {plan.summary}.")

    def _say(self, line: str) -> None:
        self.stdout.write(f"  {line}")
        self.stdout.flush()


def _refuse_unknown(overwrite: Sequence[str], contents: Sequence[Content]) -> None:
    """Raise CommandError where a name is that of nothing: misspelled, it would leave alone what it meant."""
    names = sorted(frozenset().union(*map(load.names, contents)))
    items = sorted({item.id for content in contents for item in content.items()})
    if unknown := sorted({*overwrite} - {*names, *items}):
        # A bank has hundreds of questions, so these are named by the first and the last.
        questions = [f"the questions {items[0]} to {items[-1]}"] if items else []
        known = ", ".join((load.EVERYTHING, *names, *questions))
        raise CommandError(f"nothing is called {', '.join(unknown)}; there are: {known}", returncode=2)


def _directories(named: Path | None) -> list[Path]:
    """Return the directory that was named, else each with a certification. Raises CommandError."""
    if named is not None and not named.is_dir():
        raise CommandError(f"{named} is not a directory", returncode=2)
    fixtures = Path(settings.BASE_DIR) / "fixtures"
    folders = (
        [named] if named else [path for path in certification_folders(fixtures) if not is_unfinished(path)]
    )
    if not folders:
        raise CommandError(f"there is no certification in {fixtures}", returncode=2)
    return folders
