"""`python -m tools.items`: measure content files, hand out items to be read without keys, take readings."""

import json
import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Final

import django

from exams.content.catalog import GuidePart
from exams.content.exams import ExamsPart
from exams.content.folder import EXAMS, UNFINISHED, Folder, certification_folders, is_unfinished
from exams.content.formats.tree import finish
from exams.content.parts import Content, read_content
from exams.content.records import SAMPLE_NAME, ExamRecord, FormatError, ItemRecord, Place, Problem
from exams.content.sample import SamplePart
from tools.items.blind import blind_handout, collected
from tools.items.blind_yaml import (
    read_filled,
    read_map,
    read_mix,
    read_short_map,
    read_shown,
    write_blind,
    write_map,
)
from tools.items.handout import handout, taken
from tools.items.measure import measure_content
from tools.items.parts import parts
from tools.items.reader_rules import LIKENESS_MIN, agrees
from tools.items.readings import SAMPLE_READINGS, ReadingsPart
from tools.items.readings_yaml import read_readings, write_handout, write_readings
from tools.items.records import BlindMap, ExamReadings, FilledRow
from tools.items.report import Report, Table
from tools.items.samples import figures_of, read_vendor

WIDEST: Final = 48
FIXTURES: Final = Path(__file__).resolve().parents[2] / "fixtures"
HELP: Final = """
Measure every content file of one certification, or of all, against its guide:

  check                               tables of figures and limits, then every fault and every breach
  check --json                        one JSON object per certification

Reads the parts that the setting CONTENT_PARTS lists, as far as their files are in the folder, and the blind
readings beside the exams (exam-N.reading.yaml) and the sample. Prints one table per file with figures and
limits, one over all files of a language (overlap between files, guessers without knowledge), then every
fault and every breach with file, line, item and rule. R03 also answers each exam by the form of its options
alone, as the keys of the other exams teach it: this needs two. A rule on shares or means names the number of
items from which on it can fail. Rules that came with the revision of the bank judge the exams that guide.yaml
calls revised ("not judged yet" on others). Needs no database.

The blind check: every item is answered from its stem and options by a reader who has not seen the key.

  hand-out exam-1 > handout.yaml      all items of an exam, without keys
  hand-out exam-1 --unread            only those with fewer than two readers
  hand-out exam-1 --item E1-Q07       only those named
  take handout.yaml                   add a filled handout to exams/exam-1.reading.yaml

The reader fills in `reader` (a short sign, the same in the whole file), `answer` (letters), and
`second_option` where another option can be defended. A handout is taken whole or not at all: not when an
item was reworded since. `make content` computes figures from the readings.

A blind sheet hides ids and order too, and mixes in questions that somebody else wrote:

  sheet exam-1 --seed 7 --mix vendor.yaml --out sheet.yaml --map map.yaml
  sheet exam-1 --items E1-Q03,E1-Q07 --out sheet.yaml --map map.yaml    mended items only
  sheet exam-1 --lay --out sheet.yaml --map map.yaml    for a reader without the subject
  sheet sample --out sheet.yaml --map map.yaml          the free sample
  collect sheet.yaml --map map.yaml --reader R51        add it to exams/exam-1.reading.yaml
  collect R1.yaml --map map.yaml --shown sheet.yaml --exam exam-1 --reader R1    answers alone, in short
  samples vendor.yaml > vendor-samples.yaml             figures of the vendor's own questions, no texts

The sheet is a list of questions with empty fields: answer, second_option, free (options that fall without
any knowledge), certainty, difficulty, likeness (1 to 5), note; of a lay reader only the answer. Several
readers may fill in copies of one sheet. The map says which item has which number: keep it from the readers.
Of what was mixed in, only its number and means are stored. A sheet is collected whole or not at all: not when
an answer is missing, an item was reworded since, or the map is that of another sheet.

Answers in short are rows of n, answer, certainty, second, free (a number), difficulty, likeness, fault; their
map has rows of n, kind (T: of the exam), id, key. The sheet that was shown tells which wording was read:
readings of another than the present one are kept, and count as missing.

A certification whose folder has a file unfinished.md is told what is left (OPEN) and breaks no rule.

Exit code: 0 if done, 1 on a fault in a file (named with line and item) or a breach, 2 on wrong usage.
"""


@dataclass(frozen=True, slots=True)
class _Read:
    """An exam or the free sample with its readings, and the file that these are kept in."""

    exam: ExamRecord
    readings: ExamReadings
    file: str


class UsageError(Exception):
    """What was asked for on the command line cannot be done."""


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m tools.items", description=HELP, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--dir", type=Path, help="directory of the content files of one certification (all below fixtures/)"
    )
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    check = acts.add_parser("check", help="measure content files")
    check.add_argument("--json", action="store_true", help="print one JSON object per certification")
    out = acts.add_parser("hand-out", help="write items to be read, without keys")
    out.add_argument("exam", help="name of the file, for example exam-1")
    out.add_argument("--item", action="append", default=[], metavar="ID", help="only this item; repeatable")
    out.add_argument(
        "--unread", action="store_true", help="only items with fewer than two readers of their wording"
    )
    take = acts.add_parser("take", help="take filled handouts back")
    take.add_argument("handouts", nargs="+", type=Path, metavar="HANDOUT", help="filled handouts")
    samples = acts.add_parser("samples", help="figures of the vendor's sample questions")
    samples.add_argument("questions", type=Path, metavar="FILE", help="items: id, stem, ask, options, answer")
    samples.add_argument("--exams", default="", metavar="MLS,SAA", help="only of these exams, as ids begin")
    _add_sheet_arguments(acts)
    return parser


def _add_sheet_arguments(acts: "_SubParsersAction[ArgumentParser]") -> None:
    sheet = acts.add_parser("sheet", help="write a blind sheet and its map")
    sheet.add_argument("exam", help="name of the file, for example exam-1 or sample")
    sheet.add_argument("--items", default="", metavar="ID,ID", help="only these items, parted by commas")
    sheet.add_argument(
        "--unread",
        action="store_true",
        help="only items with fewer than two readers of their wording",
    )
    sheet.add_argument("--mix", type=Path, metavar="FILE", help="questions to mix in: id, stem, ask, options")
    sheet.add_argument("--seed", type=int, default=1, help="another number gives another order (1)")
    sheet.add_argument("--lay", action="store_true", help="for readers without the subject: answers only")
    sheet.add_argument("--out", type=Path, metavar="FILE", help="the sheet (standard output)")
    sheet.add_argument("--map", type=Path, required=True, metavar="FILE", help="the map of its numbers")
    sheet.add_argument("--dry-run", action="store_true", help="say what the sheet would hold, write nothing")
    collect = acts.add_parser("collect", help="take a filled blind sheet back")
    collect.add_argument("sheet", type=Path, metavar="SHEET", help="the filled sheet")
    collect.add_argument("--map", type=Path, required=True, metavar="FILE", help="the map of its numbers")
    collect.add_argument("--reader", required=True, help="a short sign of the reader, for example R51")
    collect.add_argument("--shown", type=Path, metavar="FILE", help="the sheet, where answers are in short")
    collect.add_argument("--exam", default="", help="the exam that such a sheet is of, for example exam-1")
    collect.add_argument("--dry-run", action="store_true", help="check and report, store nothing")


def main(arguments: Sequence[str]) -> int:
    """Do what is asked for and return the exit code. Raises UsageError."""
    asked = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()  # the parts of a folder that are stored know their tables
    folders = _folders(asked.dir)
    if asked.act == "check":
        clean = [_check(folder, as_json=asked.json) for folder in folders]
        return int(not all(clean))
    if len(folders) > 1:
        raise UsageError("there are several certifications; name one with --dir")
    try:
        {"hand-out": _hand_out, "take": _take, "sheet": _sheet, "collect": _collect, "samples": _samples}[
            asked.act
        ](folders[0], asked)
    except FormatError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _folders(named: Path | None) -> list[Path]:
    if named is not None and not named.is_dir():
        raise UsageError(f"{named} is not a directory")
    return [named] if named else certification_folders(FIXTURES)


def _check(directory: Path, *, as_json: bool) -> bool:
    """Print what the rules find in a folder; return whether nothing is wrong.

    A certification that is still being written is told what is left and fails only where it cannot be read.
    """
    problems: tuple[Problem, ...] = ()
    report = Report((), ())
    try:
        report = measure_content(read_content(directory, parts()))
    except FormatError as error:
        problems = error.problems
    if as_json:
        found = {"problems": [asdict(problem) for problem in problems], **asdict(report)}
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print_tables(problems, report, is_open=is_unfinished(directory))
    return not problems and (is_unfinished(directory) or not report.breaches)


def _print_tables(problems: Sequence[Problem], report: Report, *, is_open: bool) -> None:
    for table in report.tables:
        _print_table(table)
    print()
    for problem in problems:
        print(f"BREACH {problem}")
    for breach in report.breaches:
        print(f"{'OPEN' if is_open else 'BREACH'} {breach}")
    found = len(report.breaches)
    wrong = len(problems) + (0 if is_open else found)
    files = sum(table.title.endswith((".yaml", ".md")) for table in report.tables)
    print(
        f"Files measured: {files}. Breaches: {wrong}.{f' Open: {found} ({UNFINISHED}).' if is_open else ''}"
    )


def _print_table(table: Table) -> None:
    rows = [
        ("rule", "measure", "found", "limit", "samples" if any(one.samples for one in table.figures) else "")
    ]
    rows += [(one.rule, one.label, one.value, one.limit, one.samples) for one in table.figures]
    # A limit that lists hosts or endings is long and would push the last column off the screen.
    widths = [min(max(len(row[column]) for row in rows), WIDEST) for column in range(5)]
    print(f"\n{table.title}")
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print(f"  {'  '.join(cells)}".rstrip())


def _sheet(directory: Path, asked: Namespace) -> None:
    name, only = asked.exam, [one.strip() for one in asked.items.split(",") if one.strip()]
    content = read_content(directory, parts(), name)
    found = next(_all_read(content), None)
    if found is None or found.file != _file_of(name):
        raise UsageError(f"there is no {name} in {directory}")
    unknown = sorted(set(only) - {item.id for item in found.exam.items})
    if unknown:
        raise UsageError(f"not in {name}: {', '.join(unknown)}")
    chosen = handout(found.exam, found.readings.readings, only=only, unread=asked.unread)
    items = [item for item, _ in chosen]
    if not items:
        raise UsageError(f"no item of {name} is to be read")
    mixed = _read_file(asked.mix, read_mix) if asked.mix else ()
    rows, numbers = blind_handout(found.exam.name, items, mixed, seed=asked.seed, lay=asked.lay)
    said = f"{len(items)} items of {found.exam.name}, {len(mixed)} mixed in"
    if asked.dry_run:
        print(f"Dry run: {said}, nothing was written.")
        return
    data = write_blind(rows, lay=asked.lay)
    _create(asked.map, write_map(numbers))
    if asked.out:
        try:
            _create(asked.out, data)
        except UsageError:
            asked.map.unlink()  # without its sheet it would only be in the way
            raise
        print(f"Written: {asked.out}, {said}; map {asked.map}.")
    else:
        print(data.decode(), end="")


def _collect(directory: Path, asked: Namespace) -> None:
    everything = list(_all_read(read_content(directory, parts())))
    numbers = _numbers(everything, asked)
    rows = _read_file(asked.sheet, partial(read_filled, lay=numbers.lay))
    reader = asked.reader.strip()
    if not reader or not reader.isprintable():
        raise UsageError("--reader is empty or has characters that cannot be seen")
    found = next((one for one in everything if one.exam.name == numbers.exam), None)
    if found is None:
        raise FormatError((Problem(numbers.place, "", f"no exam is named {numbers.exam!r}"),))
    reworded = asked.shown is not None
    after = collected(found.exam, found.readings, numbers, rows, reader, reworded=reworded)
    _print_collected(found, numbers, rows, reader)
    if asked.dry_run:
        print("Dry run: nothing was stored.")
        return
    _store(directory / found.file, write_readings(after))
    print(f"Written: {found.file}, {len(after.readings)} readings, {len(after.lay)} of lay readers.")


def _samples(directory: Path, asked: Namespace) -> None:
    folder = Folder(directory)
    guide = GuidePart().read(folder, Content())
    finish(folder.problems)
    samples = _read_file(asked.questions, read_vendor)
    exams = asked.exams.split(",") if asked.exams else [one.exam for one in samples]
    print(figures_of([one for one in samples if one.exam in exams], guide).decode(), end="")


def _numbers(everything: Sequence[_Read], asked: Namespace) -> BlindMap:
    """Return the map of a sheet; one in short knows neither its exam nor the wordings."""
    if asked.shown is None:
        return _read_file(asked.map, read_map)
    file = _file_of(asked.exam)
    exam = next((one.exam.name for one in everything if one.file == file), None)
    if exam is None:
        raise UsageError(f"--shown needs --exam; there is no exam {asked.exam!r}")
    shown = _read_file(asked.shown, read_shown)
    return _read_file(asked.map, partial(read_short_map, shown=shown, exam=exam))


def _print_collected(found: _Read, numbers: BlindMap, rows: Sequence[FilledRow], reader: str) -> None:
    items, by_number = {item.id: item for item in found.exam.items}, {row.number: row for row in rows}
    read = [(items[one.item], by_number[one.number]) for one in numbers.items]
    right = sum(sorted(row.answer) == sorted(item.keys) for item, row in read)
    what = "lay answers" if numbers.lay else "readings"
    print(f"{found.exam.name}: {len(read)} {what} of {reader}, {right} with the key.")
    if numbers.lay:
        return
    judged = [by_number[one.number].likeness for one in numbers.samples]
    own = mean(row.likeness for _, row in read)
    theirs = f"{mean(judged):.2f} of {len(judged)} mixed in" if judged else "nothing mixed in"
    other = sum(items[one.item].fingerprint != one.fingerprint for one in numbers.items)
    print(f"  likeness {own:.2f}, {theirs}{f'; {other} of another wording' if other else ''}")
    for item, row in read:
        for said in _remarks(item, row):
            print(f"  {item.id}: {said}")


def _hand_out(directory: Path, asked: Namespace) -> None:
    name, only = asked.exam, asked.item
    content = read_content(directory, parts(), name)
    exams = content[ExamsPart].exams
    if not exams:
        raise UsageError(f"there is no exams/{name}.yaml in {directory}")
    exam = exams[0]
    unknown = sorted(set(only) - {item.id for item in exam.items})
    if unknown:
        raise UsageError(f"not in {name}: {', '.join(unknown)}")
    rows = handout(exam, _readings(content, exam).readings, only=only, unread=asked.unread)
    print(write_handout(exam.name, rows).decode(), end="")


def _take(directory: Path, asked: Namespace) -> None:
    content = read_content(directory, parts())
    exams = {exam.name: exam for exam in content[ExamsPart].exams}
    readings: dict[str, ExamReadings] = {}
    for path in asked.handouts:
        filled = _read_file(path, read_readings)
        if filled.name not in exams:
            raise FormatError((Problem(filled.place, "", f"no exam is named {filled.name!r}"),))
        exam = exams[filled.name]
        before = readings.get(exam.name) or _readings(content, exam)
        readings[exam.name] = taken(exam, before, filled)
        _print_taken(path, exam, filled)
    for name, record in readings.items():
        target = directory / exams[name].place.file.replace(".yaml", ".reading.yaml")
        _store(target, write_readings(record))
        print(f"Written: {target.name}, {len(record.readings)} readings.")


def _print_taken(path: Path, exam: ExamRecord, filled: ExamReadings) -> None:
    items = {item.id: item for item in exam.items}
    against = [reading for reading in filled.readings if not agrees(reading, items[reading.item])]
    count = len(filled.readings)
    print(f"{path.name}: {count} readings of {exam.name}, {count - len(against)} agree.")
    for reading in against:
        second = f", defends {reading.second_option}" if reading.second_option else ""
        keys = "+".join(items[reading.item].keys)
        answer = "+".join(reading.answer)
        print(f"  {reading.item}: {reading.reader} answered {answer}{second}; the key is {keys}")


def _readings(content: Content, exam: ExamRecord) -> ExamReadings:
    return content[ReadingsPart].by_exam.get(exam.name) or ExamReadings(exam.name, ())


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
        raise UsageError(f"{path} is there already") from error
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} cannot be written: {error.strerror}")


def _all_read(content: Content) -> Iterator[_Read]:
    """Return the exams and the free sample as far as they were read, each with its readings."""
    for exam in content[ExamsPart].exams:
        yield _Read(exam, _readings(content, exam), exam.place.file.replace(".yaml", ".reading.yaml"))
    sample = content.get(SamplePart)
    if sample is not None and sample.items:
        yield _Read(sample.as_exam, _readings(content, sample.as_exam), SAMPLE_READINGS)


def _file_of(name: str) -> str:
    """Return the file of the readings of what somebody calls exam-1 or sample."""
    return SAMPLE_READINGS if name == SAMPLE_NAME else f"{EXAMS}{name}.reading.yaml"


def _remarks(item: ItemRecord, row: FilledRow) -> Iterator[str]:
    """Yield what an author wants to know of a reading at once."""
    if sorted(row.answer) != sorted(item.keys):
        yield f"answered {'+'.join(row.answer)}; the key is {'+'.join(item.keys)}"
    if row.second_option:
        yield f"defends {row.second_option}"
    if row.free:
        yield f"free: {', '.join(row.free) if isinstance(row.free, tuple) else row.free}"
    if row.likeness < LIKENESS_MIN:
        yield f"likeness {row.likeness}"
    if row.note:
        yield row.note


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UsageError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
