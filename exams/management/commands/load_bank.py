"""`manage.py load_bank`: content files into the bank."""

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from exams.exchange.apply import load
from exams.exchange.files import ContentFiles, read_directory
from exams.exchange.records import FormatError

HELP: Final = """
Load the content files of a certification into the bank.

Reads blueprint.yaml, certification.yaml and those exams/exam-N.yaml that exist, with their
translations exam-N.<language>.yaml. Unchanged items make no new version. A changed item makes a new
version and a new edition of its exam; a changed translation makes a new revision of the text and a
new paper. Everything is stored in one transaction or nothing is. A second run changes nothing.

Exit code: 0 if all is loaded, 1 on a fault in the content (named with file, line and item),
2 on wrong usage.
"""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the paragraphs of the help text."""
        kwargs.setdefault("formatter_class", RawDescriptionHelpFormatter)
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dir",
            type=Path,
            default=Path(settings.BASE_DIR) / "fixtures" / "mls-c01",
            help="directory of the content files (fixtures/mls-c01)",
        )
        parser.add_argument("--dry-run", action="store_true", help="print the plan and store nothing")
        parser.add_argument("--only", metavar="EXAM", help="load one exam only, for example exam-1")

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["dir"]
        if not directory.is_dir():
            raise CommandError(f"{directory} is not a directory", returncode=2)
        if options["only"] and not (directory / "exams" / f"{options['only']}.yaml").is_file():
            raise CommandError(f"there is no exams/{options['only']}.yaml in {directory}", returncode=2)
        try:
            files = read_directory(directory, options["only"])
            self._load(files, dry_run=options["dry_run"])
        except FormatError as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            self.stderr.write(f"Nothing was stored. Faults: {len(error.problems)}.")
            sys.exit(1)

    def _load(self, files: ContentFiles, *, dry_run: bool) -> None:
        items = sum(len(exam.items) for exam in files.exams)
        self.stdout.write(f"{files.certification.code}: {len(files.exams)} exams, {items} items read.")
        plan = load(files, dry_run=dry_run, progress=self._say)
        if plan.is_empty:
            self.stdout.write("Nothing to change.")
        elif dry_run:
            for line in plan.lines():
                self._say(line)
            self.stdout.write("Dry run: nothing was stored.")
        else:
            self.stdout.write(f"Done: {plan.summary}.")

    def _say(self, line: str) -> None:
        self.stdout.write(f"  {line}")
        self.stdout.flush()
