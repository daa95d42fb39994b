"""`manage.py check_content`: the measurable rules over all content files."""

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from exams.exchange.files import read_directory
from exams.exchange.records import FormatError, Problem
from exams.exchange.rules.check import Content, Report, Table, check

HELP: Final = """
Measure every content file of a certification against the item-writing guide.

Reads blueprint.yaml, certification.yaml and exams/exam-N.yaml with its translations
(exam-N.<language>.yaml) and its reading sheet (exam-N.reading.yaml). Prints one table per file with
figures and limits, one over all files (overlap between files, guessers without knowledge), then every
fault and every breach with file, line, item and rule. Needs no database.

Exit code: 0 if nothing is wrong, 1 on a fault or a breach, 2 if the directory is not there.
"""


class Command(BaseCommand):
    help = HELP
    requires_system_checks = []
    requires_migrations_checks = False

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
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["dir"]
        if not directory.is_dir():
            raise CommandError(f"{directory} is not a directory", returncode=2)
        problems: tuple[Problem, ...] = ()
        report = Report((), ())
        try:
            files = read_directory(directory)
        except FormatError as error:
            problems = error.problems
        else:
            report = check(Content(files.blueprint, files.exams, files.translations, files.readings))
        if options["json"]:
            self._print_json(problems, report)
        else:
            self._print_tables(problems, report)
        if problems or report.breaches:
            sys.exit(1)

    def _print_json(self, problems: tuple[Problem, ...], report: Report) -> None:
        said = {"problems": [asdict(problem) for problem in problems], **asdict(report)}
        self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))

    def _print_tables(self, problems: tuple[Problem, ...], report: Report) -> None:
        for table in report.tables:
            self._print_table(table)
        self.stdout.write("")
        for line in (*problems, *report.breaches):
            self.stdout.write(f"BREACH {line}")
        wrong = len(problems) + len(report.breaches)
        files = sum(table.title.endswith(".yaml") for table in report.tables)
        self.stdout.write(f"Files measured: {files}. Breaches: {wrong}.")

    def _print_table(self, table: Table) -> None:
        rows = [("rule", "measure", "found", "limit")]
        rows += [(figure.rule, figure.label, figure.value, figure.limit) for figure in table.figures]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        self.stdout.write(f"\n{table.title}")
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            self.stdout.write(f"  {'  '.join(cells)}  {row[3]}".rstrip())
