"""`manage.py check_content`: the measurable rules over all content files."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from exams.content.parts import measure_content, read_content
from exams.content.records import FormatError, Problem
from exams.content.rules.findings import Report, Table
from exams.exchange.parts import content_parts
from exams.management.content import ContentCommand

HELP: Final = """
Measure every content file of one certification, or of all, against its guide.

Reads the parts that the setting CONTENT_PARTS lists, as far as their files are in the folder: the
blueprint, the texts of the certification, the exams (exam-N.yaml) with their translations
(exam-N.<language>.yaml) and blind readings (exam-N.reading.yaml), the free sample (sample.yaml), and what
other parts have beside them.
Prints one table per file with figures and limits, one over all files of a language (overlap between
files, guessers without knowledge), then every fault and every breach with file, line, item and rule. R03 also
answers each exam by the form of its options alone, as the keys of the other exams teach it: this needs two.
A rule on shares or means names the number of items from which on it can fail. Rules that came with the
revision of the bank judge the exams that guide.yaml calls revised ("not judged yet" on others). Needs no
database.

Exit code: 0 if nothing is wrong, 1 on a fault or a breach, 2 if the directory is not there.
"""


class Command(ContentCommand):
    help = HELP
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object per certification, no tables"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        clean = [self._measure(path, as_json=options["json"]) for path in self.directories(options["dir"])]
        if not all(clean):
            sys.exit(1)

    def _measure(self, directory: Path, *, as_json: bool) -> bool:
        problems, report = _measure(directory)
        if as_json:
            self._print_json(problems, report)
        else:
            self._print_tables(problems, report)
        return not problems and not report.breaches

    def _print_json(self, problems: tuple[Problem, ...], report: Report) -> None:
        report_fields = {"problems": [asdict(problem) for problem in problems], **asdict(report)}
        self.stdout.write(json.dumps(report_fields, ensure_ascii=False, indent=2))

    def _print_tables(self, problems: tuple[Problem, ...], report: Report) -> None:
        for table in report.tables:
            self._print_table(table)
        self.stdout.write("")
        for line in (*problems, *report.breaches):
            self.stdout.write(f"BREACH {line}")
        wrong = len(problems) + len(report.breaches)
        files = sum(table.title.endswith((".yaml", ".md")) for table in report.tables)
        self.stdout.write(f"Files measured: {files}. Breaches: {wrong}.")

    def _print_table(self, table: Table) -> None:
        rows = [("rule", "measure", "found", "limit")]
        rows += [(figure.rule, figure.label, figure.value, figure.limit) for figure in table.figures]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        self.stdout.write(f"\n{table.title}")
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            self.stdout.write(f"  {'  '.join(cells)}  {row[3]}".rstrip())


def _measure(directory: Path) -> tuple[tuple[Problem, ...], Report]:
    """Return the faults of all files or, where there are none, what the rules found."""
    try:
        return (), measure_content(read_content(directory, content_parts()))
    except FormatError as error:
        return error.problems, Report((), ())
