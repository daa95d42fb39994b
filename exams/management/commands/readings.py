"""`manage.py readings`: hand out items to a reader without the keys, and take the filled handouts."""

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError

from exams.content.exams import ExamsPart
from exams.content.formats.readings_yaml import read_readings, write_handout, write_readings
from exams.content.handout import handout, taken
from exams.content.parts import Content, read_content
from exams.content.readings import ReadingsPart
from exams.content.records import ExamReadings, ExamRecord, FormatError, Place, Problem
from exams.content.rules.agreement import agrees
from exams.exchange.parts import content_parts
from exams.management.content import ContentCommand

HELP: Final = """
The blind check: every item is answered from its stem and options by a reader who has not seen the key.

  readings hand-out exam-1 > handout.yaml      all items of an exam, without keys
  readings hand-out exam-1 --unread            only those not yet read in their current wording
  readings hand-out exam-1 --item E1-Q07       only those named
  readings take handout.yaml                   add a filled handout to exams/exam-1.reading.yaml

The reader fills in `reader` (a short sign, the same in the whole file), `answer` (letters), and
`second_option` where another option can be defended. A handout is taken whole or not at all: not when an
item was reworded since. `make content` computes agreement from the readings.

Exit code: 0 if done, 1 on a fault in a file (named with line and item), 2 on wrong usage.
"""


class Command(ContentCommand):
    help = HELP
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        acts = parser.add_subparsers(dest="act", required=True, metavar="hand-out|take")
        out = acts.add_parser("hand-out", formatter_class=RawDescriptionHelpFormatter)
        out.add_argument("exam", help="name of the file, for example exam-1")
        out.add_argument(
            "--item", action="append", default=[], metavar="ID", help="only this item; repeatable"
        )
        out.add_argument(
            "--unread", action="store_true", help="only items not yet read in their current wording"
        )
        take = acts.add_parser("take")
        take.add_argument("handouts", nargs="+", type=Path, metavar="HANDOUT", help="filled handouts")

    def handle(self, *args: Any, **options: Any) -> None:
        directories = self.directories(options["dir"])
        if len(directories) > 1:
            raise CommandError("there are several certifications; name one with --dir", returncode=2)
        try:
            if options["act"] == "hand-out":
                self._hand_out(directories[0], options["exam"], options["item"], unread=options["unread"])
            else:
                self._take(directories[0], options["handouts"])
        except FormatError as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            sys.exit(1)

    def _hand_out(self, directory: Path, name: str, only: list[str], *, unread: bool) -> None:
        content = read_content(directory, content_parts(), name)
        exams = content[ExamsPart].exams
        if not exams:
            raise CommandError(f"there is no exams/{name}.yaml in {directory}", returncode=2)
        exam = exams[0]
        unknown = sorted(set(only) - {item.id for item in exam.items})
        if unknown:
            raise CommandError(f"not in {name}: {', '.join(unknown)}", returncode=2)
        rows = handout(exam, _readings(content, exam).readings, only=only, unread=unread)
        self.stdout.write(write_handout(exam.name, rows).decode(), ending="")

    def _take(self, directory: Path, paths: list[Path]) -> None:
        content = read_content(directory, content_parts())
        exams = {exam.name: exam for exam in content[ExamsPart].exams}
        readings: dict[str, ExamReadings] = {}
        for path in paths:
            filled = _filled(path)
            if filled.name not in exams:
                raise FormatError((Problem(filled.place, "", f"no exam is named {filled.name!r}"),))
            exam = exams[filled.name]
            before = readings.get(exam.name) or _readings(content, exam)
            readings[exam.name] = taken(exam, before, filled)
            self._say(path, exam, filled)
        for name, record in readings.items():
            target = directory / exams[name].place.file.replace(".yaml", ".reading.yaml")
            target.write_bytes(write_readings(record))
            self.stdout.write(f"Written: {target.name}, {len(record.readings)} readings.")

    def _say(self, path: Path, exam: ExamRecord, filled: ExamReadings) -> None:
        items = {item.id: item for item in exam.items}
        against = [reading for reading in filled.readings if not agrees(reading, items[reading.item])]
        count = len(filled.readings)
        self.stdout.write(f"{path.name}: {count} readings of {exam.name}, {count - len(against)} agree.")
        for reading in against:
            second = f", defends {reading.second_option}" if reading.second_option else ""
            keys = "+".join(items[reading.item].keys)
            answer = "+".join(reading.answer)
            self.stdout.write(
                f"  {reading.item}: {reading.reader} answered {answer}{second}; the key is {keys}"
            )


def _readings(content: Content, exam: ExamRecord) -> ExamReadings:
    return content[ReadingsPart].by_exam.get(exam.name) or ExamReadings(exam.name, ())


def _filled(path: Path) -> ExamReadings:
    try:
        return read_readings(path.read_bytes(), str(path))
    except OSError as error:
        raise FormatError((Problem(Place(str(path), 0), "", f"cannot be read: {error.strerror}"),)) from error
