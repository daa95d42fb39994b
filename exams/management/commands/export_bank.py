"""`manage.py export_bank`: the bank into content files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError

from accounts.base.commands import LongHelpCommand
from exams.authoring import exports
from exams.bank.services import current_versions
from exams.catalog.models import Certification
from exams.content.exchange_formats import registry
from exams.content.records import FormatError
from exams.content_sync.load import export
from exams.content_sync.stored import pictures

FORMATS: Final = tuple(one.name for one in registry.FORMATS.values() if one.can_write)
HELP: Final = """
Write what the bank holds as content files, in the form of fixtures/: OUT/<code>/.

Every part that CONTENT_PARTS lists writes what it has stored: items in their current versions with all
translations, figures, blueprint, texts, and so on; files that no table holds (guide, checked pages,
plans) are written as they were loaded. load_bank --dir OUT/<code> on the same database changes
nothing. Items that are in no exam are not among the files.

With --format, the questions alone are written into one file of that format, OUT/<code>.<ending>, each in
its current version, those in no exam too; what the format cannot carry is printed. import_bank reads such a
file. (Aiken can only be read.)

Nothing is overwritten: OUT/<code> must not be there, or be empty; the file of --format must not be there.

Exit code: 0 if all is written, 1 if a question cannot be written, 2 on wrong usage.
"""


class Command(LongHelpCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dir", type=Path, required=True, metavar="OUT", help="where to write")
        parser.add_argument("--only", metavar="CODE", help="one certification only, for example mls-c01")
        parser.add_argument(
            "--format", choices=FORMATS, metavar="FORMAT", help=f"one of: {', '.join(FORMATS)}"
        )
        parser.add_argument("--dry-run", action="store_true", help="name the files and write none")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Certification.objects.order_by("code")
        if options["only"]:
            rows = rows.filter(code=options["only"])
        codes = list(rows.values_list("code", flat=True))
        if not codes:
            raise CommandError("there is no such certification", returncode=2)
        for code in codes:
            if options["format"]:
                self._write_questions(code, options["format"], options["dir"], dry_run=options["dry_run"])
            else:
                self._write(code, options["dir"] / code, dry_run=options["dry_run"])

    def _write_questions(self, code: str, name: str, directory: Path, *, dry_run: bool) -> None:
        path = directory / f"{code}{registry.FORMATS[name].suffixes[0]}"
        if path.exists():
            raise CommandError(f"{path} is there already", returncode=2)
        items = exports.by_code(current_versions(code))
        try:
            written = registry.write(name, items, pictures(items))
        except FormatError as error:
            raise CommandError("\n".join(map(str, error.problems)), returncode=1) from error
        for loss in written.losses:
            self.stdout.write(f"  lost: {loss}")
        if not dry_run:
            _store(path, written.data)
        end = "; dry run, nothing was written" if dry_run else ""
        self.stdout.write(f"{path}: {len(items)} questions, {len(written.losses)} losses{end}.")

    def _write(self, code: str, directory: Path, *, dry_run: bool) -> None:
        # Files of before would stay among the new ones, and come back with the next load.
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise CommandError(f"{directory} is there and not empty", returncode=2)
        files = export(code)
        for name, content in files.items():
            self.stdout.write(f"  {name} ({len(content):,} bytes)")
            if not dry_run:
                _store(directory / name, content)
        self.stdout.write(f"{code}: {len(files)} files{'; dry run, nothing was written' if dry_run else ''}.")


def _store(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}", returncode=2) from error
