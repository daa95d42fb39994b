"""`manage.py readings`: hand out items to readers without the keys, and take back what they filled in."""

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any, Final

from django.core.management.base import CommandError

from exams.content.blind import blind_handout, collected
from exams.content.blind_records import BlindMap, FilledRow
from exams.content.exams import ExamsPart
from exams.content.folder import EXAMS
from exams.content.formats.blind_yaml import read_filled, read_map, read_mix, write_blind, write_map
from exams.content.formats.readings_yaml import read_readings, write_handout, write_readings
from exams.content.handout import handout, taken
from exams.content.parts import Content, read_content
from exams.content.readings import ReadingsPart
from exams.content.records import (
    SAMPLE_NAME,
    ExamReadings,
    ExamRecord,
    FormatError,
    ItemRecord,
    Place,
    Problem,
)
from exams.content.rules.agreement import agrees
from exams.content.rules.blind import LIKENESS_MIN
from exams.content.sample import READINGS, SamplePart
from exams.exchange.parts import content_parts
from exams.management.content import ContentCommand

HELP: Final = """
The blind check: every item is answered from its stem and options by a reader who has not seen the key.

  readings hand-out exam-1 > handout.yaml      all items of an exam, without keys
  readings hand-out exam-1 --unread            only those with fewer than two readers
  readings hand-out exam-1 --item E1-Q07       only those named
  readings take handout.yaml                   add a filled handout to exams/exam-1.reading.yaml

The reader fills in `reader` (a short sign, the same in the whole file), `answer` (letters), and
`second_option` where another option can be defended. A handout is taken whole or not at all: not when an
item was reworded since. `make content` computes agreement from the readings.

A blind sheet hides ids and order too, and mixes in questions that somebody else wrote:

  readings sheet exam-1 --seed 7 --mix vendor.yaml --out sheet.yaml --map map.yaml
  readings sheet exam-1 --items E1-Q03,E1-Q07 --out sheet.yaml --map map.yaml    mended items only
  readings sheet exam-1 --lay --out sheet.yaml --map map.yaml    for a reader without the subject
  readings sheet sample --out sheet.yaml --map map.yaml          the free sample
  readings collect sheet.yaml --map map.yaml --reader R51        add it to exams/exam-1.reading.yaml

The sheet is a list of questions with empty fields: answer, second_option, free (options that fall without
any knowledge), likeness (1 to 5), note; of a lay reader only the answer. Several readers may fill in copies
of one sheet. The map says which item has which number: keep it from the readers. Of what was mixed in, only
its number and mean likeness are stored. A sheet is collected whole or not at all: not when an answer is
missing, an item was reworded since, or the map is that of another sheet.

Exit code: 0 if done, 1 on a fault in a file (named with line and item), 2 on wrong usage.
"""


@dataclass(frozen=True, slots=True)
class _Read:
    """An exam or the free sample with its readings, and the file that these are kept in."""

    exam: ExamRecord
    readings: ExamReadings
    file: str


class Command(ContentCommand):
    help = HELP
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        acts = parser.add_subparsers(dest="act", required=True, metavar="hand-out|take|sheet|collect")
        out = acts.add_parser("hand-out", formatter_class=RawDescriptionHelpFormatter)
        out.add_argument("exam", help="name of the file, for example exam-1")
        out.add_argument(
            "--item", action="append", default=[], metavar="ID", help="only this item; repeatable"
        )
        out.add_argument(
            "--unread",
            action="store_true",
            help="only items with fewer than two readers of their wording",
        )
        take = acts.add_parser("take")
        take.add_argument("handouts", nargs="+", type=Path, metavar="HANDOUT", help="filled handouts")
        self._add_sheet_arguments(acts)

    @staticmethod
    def _add_sheet_arguments(acts: "_SubParsersAction[ArgumentParser]") -> None:
        sheet = acts.add_parser("sheet", help="write a blind sheet and its map")
        sheet.add_argument("exam", help="name of the file, for example exam-1 or sample")
        sheet.add_argument("--items", default="", metavar="ID,ID", help="only these items, parted by commas")
        sheet.add_argument(
            "--unread",
            action="store_true",
            help="only items with fewer than two readers of their wording",
        )
        sheet.add_argument(
            "--mix", type=Path, metavar="FILE", help="questions to mix in: id, stem, ask, options"
        )
        sheet.add_argument("--seed", type=int, default=1, help="another number gives another order (1)")
        sheet.add_argument("--lay", action="store_true", help="for readers without the subject: answers only")
        sheet.add_argument("--out", type=Path, metavar="FILE", help="the sheet (standard output)")
        sheet.add_argument("--map", type=Path, required=True, metavar="FILE", help="the map of its numbers")
        sheet.add_argument(
            "--dry-run", action="store_true", help="say what the sheet would hold, write nothing"
        )
        collect = acts.add_parser("collect", help="take a filled blind sheet back")
        collect.add_argument("sheet", type=Path, metavar="SHEET", help="the filled sheet")
        collect.add_argument("--map", type=Path, required=True, metavar="FILE", help="the map of its numbers")
        collect.add_argument("--reader", required=True, help="a short sign of the reader, for example R51")
        collect.add_argument("--dry-run", action="store_true", help="check and report, store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        directories = self.directories(options["dir"])
        if len(directories) > 1:
            raise CommandError("there are several certifications; name one with --dir", returncode=2)
        try:
            self._act(directories[0], options)
        except FormatError as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            sys.exit(1)

    def _act(self, directory: Path, options: dict[str, Any]) -> None:
        if options["act"] == "hand-out":
            self._hand_out(directory, options["exam"], options["item"], unread=options["unread"])
        elif options["act"] == "take":
            self._take(directory, options["handouts"])
        elif options["act"] == "sheet":
            self._sheet(directory, options)
        else:
            self._collect(directory, options)

    def _sheet(self, directory: Path, options: dict[str, Any]) -> None:
        name, only = options["exam"], [one.strip() for one in options["items"].split(",") if one.strip()]
        content = read_content(directory, content_parts(), name)
        found = next(_all_read(content), None)
        if found is None or found.file != _file_of(name):
            raise CommandError(f"there is no {name} in {directory}", returncode=2)
        unknown = sorted(set(only) - {item.id for item in found.exam.items})
        if unknown:
            raise CommandError(f"not in {name}: {', '.join(unknown)}", returncode=2)
        chosen = handout(found.exam, found.readings.readings, only=only, unread=options["unread"])
        items = [item for item, _ in chosen]
        if not items:
            raise CommandError(f"no item of {name} is to be read", returncode=2)
        mixed = _read_file(options["mix"], read_mix) if options["mix"] else ()
        rows, numbers = blind_handout(found.exam.name, items, mixed, seed=options["seed"], lay=options["lay"])
        said = f"{len(items)} items of {found.exam.name}, {len(mixed)} mixed in"
        if options["dry_run"]:
            self.stdout.write(f"Dry run: {said}, nothing was written.")
            return
        data = write_blind(rows, lay=options["lay"])
        _create(options["map"], write_map(numbers))
        if options["out"]:
            try:
                _create(options["out"], data)
            except CommandError:
                options["map"].unlink()  # without its sheet it would only be in the way
                raise
            self.stdout.write(f"Written: {options['out']}, {said}; map {options['map']}.")
        else:
            self.stdout.write(data.decode(), ending="")

    def _collect(self, directory: Path, options: dict[str, Any]) -> None:
        numbers = _read_file(options["map"], read_map)
        rows = _read_file(options["sheet"], partial(read_filled, lay=numbers.lay))
        reader = options["reader"].strip()
        if not reader or not reader.isprintable():
            raise CommandError("--reader is empty or has characters that cannot be seen", returncode=2)
        everything = _all_read(read_content(directory, content_parts()))
        found = next((one for one in everything if one.exam.name == numbers.exam), None)
        if found is None:
            raise FormatError((Problem(numbers.place, "", f"no exam is named {numbers.exam!r}"),))
        after = collected(found.exam, found.readings, numbers, rows, reader)
        self._say_collected(found, numbers, rows, reader)
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was stored.")
            return
        _store(directory / found.file, write_readings(after))
        self.stdout.write(
            f"Written: {found.file}, {len(after.readings)} readings, {len(after.lay)} of lay readers."
        )

    def _say_collected(self, found: _Read, numbers: BlindMap, rows: Sequence[FilledRow], reader: str) -> None:
        items, by_number = {item.id: item for item in found.exam.items}, {row.number: row for row in rows}
        read = [(items[one.item], by_number[one.number]) for one in numbers.items]
        right = sum(sorted(row.answer) == sorted(item.keys) for item, row in read)
        what = "lay answers" if numbers.lay else "readings"
        self.stdout.write(f"{found.exam.name}: {len(read)} {what} of {reader}, {right} with the key.")
        if numbers.lay:
            return
        judged = [by_number[one.number].likeness for one in numbers.samples]
        own = mean(row.likeness for _, row in read)
        theirs = f"{mean(judged):.2f} of {len(judged)} mixed in" if judged else "nothing mixed in"
        self.stdout.write(f"  likeness {own:.2f}, {theirs}")
        for item, row in read:
            for said in _remarks(item, row):
                self.stdout.write(f"  {item.id}: {said}")

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
            _store(target, write_readings(record))
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
    return _read_file(path, read_readings)


def _read_file[T](path: Path, parse: Callable[[bytes, str], T]) -> T:
    """Return a file that is named on the command line, its faults named by its path."""
    try:
        return parse(path.read_bytes(), str(path))
    except OSError as error:
        raise FormatError((Problem(Place(str(path), 0), "", f"cannot be read: {error.strerror}"),)) from error


def _store(path: Path, data: bytes) -> None:
    """Write readings whole or not at all: what is there cannot be had again."""
    making = path.with_name(f"{path.name}.making")
    try:
        making.write_bytes(data)
        making.replace(path)
    except OSError as error:
        with suppress(OSError):
            making.unlink()
        raise _unwritten(path, error) from error


def _create(path: Path, data: bytes) -> None:
    """Write a file that is not there yet.

    A map that is written over would give the numbers of a sheet that is out to other items.
    """
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise CommandError(f"{path} is there already", returncode=2) from error
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> CommandError:
    return CommandError(f"{path} cannot be written: {error.strerror}", returncode=2)


def _all_read(content: Content) -> Iterator[_Read]:
    """Return the exams and the free sample as far as they were read, each with its readings."""
    for exam in content[ExamsPart].exams:
        yield _Read(exam, _readings(content, exam), exam.place.file.replace(".yaml", ".reading.yaml"))
    sample = content.get(SamplePart)
    if sample is not None and sample.items:
        exam = sample.as_exam
        yield _Read(exam, sample.readings or ExamReadings(exam.name, ()), READINGS)


def _file_of(name: str) -> str:
    """Return the file of the readings of what somebody calls exam-1 or sample."""
    return READINGS if name == SAMPLE_NAME else f"{EXAMS}{name}.reading.yaml"


def _remarks(item: ItemRecord, row: FilledRow) -> Iterator[str]:
    """Yield what an author wants to know of a reading at once."""
    if sorted(row.answer) != sorted(item.keys):
        yield f"answered {'+'.join(row.answer)}; the key is {'+'.join(item.keys)}"
    if row.second_option:
        yield f"defends {row.second_option}"
    if row.free:
        yield f"free: {', '.join(row.free)}"
    if row.likeness < LIKENESS_MIN:
        yield f"likeness {row.likeness}"
    if row.note:
        yield row.note
