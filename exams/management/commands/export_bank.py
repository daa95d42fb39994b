"""`manage.py export_bank`: the bank into content files."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from exams.catalogue.models import Certification
from exams.exchange.export import export

HELP: Final = """
Write what the bank holds as content files, in the form of fixtures/: OUT/<code>/.

Every part that CONTENT_PARTS lists writes what it has stored: items in their current versions with all
translations, figures, blueprint, texts, and so on; files that no table holds (guide, readings, checked
pages, plans) are written as they were loaded. load_bank --dir OUT/<code> on the same database changes
nothing. Items that are in no exam are not among the files.

Nothing is overwritten: OUT/<code> must not be there, or be empty.

Exit code: 0 if all is written, 2 on wrong usage.
"""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the paragraphs of the help text."""
        kwargs.setdefault("formatter_class", RawDescriptionHelpFormatter)
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dir", type=Path, required=True, metavar="OUT", help="where to write")
        parser.add_argument("--only", metavar="CODE", help="one certification only, for example mls-c01")
        parser.add_argument("--dry-run", action="store_true", help="name the files and write none")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Certification.objects.order_by("code")
        if options["only"]:
            rows = rows.filter(code=options["only"])
        codes = list(rows.values_list("code", flat=True))
        if not codes:
            raise CommandError("there is no such certification", returncode=2)
        for code in codes:
            self._write(code, options["dir"] / code, dry_run=options["dry_run"])

    def _write(self, code: str, directory: Path, *, dry_run: bool) -> None:
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise CommandError(f"{directory} is there and not empty", returncode=2)
        files = export(code)
        for name, content in files.items():
            self.stdout.write(f"  {name} ({len(content):,} bytes)")
            if not dry_run:
                (directory / name).parent.mkdir(parents=True, exist_ok=True)
                (directory / name).write_bytes(content)
        self.stdout.write(f"{code}: {len(files)} files{'; dry run, nothing was written' if dry_run else ''}.")
