"""The formats by name: what pages offer, and what jobs and commands call."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.aiken import read_aiken
from exams.content.exchange_formats.bank_yaml import read_bank_yaml, write_bank_yaml
from exams.content.exchange_formats.csv_format import read_csv, write_csv
from exams.content.exchange_formats.detection import detected, structured, unread_file
from exams.content.exchange_formats.gift_read import read_gift
from exams.content.exchange_formats.gift_write import write_gift
from exams.content.exchange_formats.limits import Deadline, TooLong
from exams.content.exchange_formats.moodle_read import read_moodle
from exams.content.exchange_formats.moodle_write import write_moodle
from exams.content.exchange_formats.qti_package import read_qti
from exams.content.exchange_formats.qti_write import write_qti
from exams.content.exchange_formats.shape import Context, Fault, Parsed, Picture, Written, fault
from exams.content.exchange_formats.xlsx_format import MEDIA_TYPE, read_xlsx, write_xlsx
from exams.content.records import FormatError, Place, WholeItem
from i18n import languages

BANNED: Final = frozenset(["dtd", "entity", "external", "xinclude", "depth", "nodes", "macro"])

type Reader = Callable[[bytes, str, Context], Parsed]
type Writer = Callable[[Iterable[WholeItem], Mapping[str, Picture]], Written]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name in addresses and commands, its own name, the ends of its files, what can be done."""

    name: str
    label: str
    suffixes: tuple[str, ...]
    media_type: str
    reader: Reader | None = None
    writer: Writer | None = None

    @property
    def can_read(self) -> bool:
        """Tell whether files of this format can be imported."""
        return self.reader is not None

    @property
    def can_write(self) -> bool:
        """Tell whether items can be exported into this format."""
        return self.writer is not None


_ALL: Final = (
    Format("yaml", "Passline YAML", (".yaml", ".yml"), "application/yaml", read_bank_yaml, write_bank_yaml),
    Format("csv", "CSV", (".csv", ".tsv"), "text/csv; charset=utf-8", read_csv, write_csv),
    Format(
        "xlsx",
        "Excel (XLSX)",
        (".xlsx",),
        MEDIA_TYPE,
        read_xlsx,
        write_xlsx,
    ),
    Format("gift", "GIFT", (".gift", ".txt"), "text/plain; charset=utf-8", read_gift, write_gift),
    Format("moodle", "Moodle XML", (".xml",), "application/xml", read_moodle, write_moodle),
    Format("qti", "QTI 2.1 and 2.2", (".zip", ".xml"), "application/zip", read_qti, write_qti),
    Format("aiken", "Aiken", (".txt",), "text/plain; charset=utf-8", read_aiken),
)
FORMATS: Final[Mapping[str, Format]] = {fmt.name: fmt for fmt in _ALL}


def read(
    name: str, data: bytes, file: str, *, language: str = languages.DEFAULT, seconds: float = limits.SECONDS
) -> Parsed:
    """Read a file of a format: its good items, and what is wrong with the others or with the file.

    `language` is that of files which do not say theirs.
    """
    fmt = FORMATS.get(name)
    if fmt is None or fmt.reader is None:
        return Parsed(problems=(fault(Place(file, 0), "", "unknown_format", name=name),))
    # Asked here too: command and API hand over what they were given.
    if len(data) > limits.FILE_SIZE:
        return _refused(file, "file_size", most=limits.FILE_SIZE // limits.MEGABYTE)
    if version := unread_file(data):
        return _refused(file, "version", version=version)
    # A reader of text would find thousands of odd lines in an archive, and say each of them.
    if _is_text(name) and (real := structured(data)):
        return _refused(file, "looks_like", format=FORMATS[real].label)
    context = Context(file, language, Deadline(seconds))
    try:
        parsed = fmt.reader(data, file, context)
    except FormatError as error:
        parsed = Parsed(problems=error.problems)
    except TooLong:
        return _refused(file, "time", seconds=int(seconds))
    if _is_mistaken(parsed) and (real := detected(data)) not in ("", name):
        return _refused(file, "looks_like", format=FORMATS[real].label)
    return parsed


def write(name: str, items: Iterable[WholeItem], pictures: Iterable[Picture] = ()) -> Written:
    """Write items into a format. Raises KeyError if it cannot be written, FormatError for bad items."""
    fmt = FORMATS[name]
    if fmt.writer is None:
        raise KeyError(name)
    return fmt.writer(items, {picture.name: picture for picture in pictures})


def _is_mistaken(parsed: Parsed) -> bool:
    """Tell whether nothing was read, and not because it may not be."""
    codes = {problem.code for problem in parsed.problems if isinstance(problem, Fault)}
    return not parsed.items and not any(code.startswith("zip_") or code in BANNED for code in codes)


def _is_text(name: str) -> bool:
    """Tell whether a reader of this format could take archives and XML for questions."""
    return name in ("yaml", "csv", "gift", "aiken")


def _refused(file: str, code: str, **values: int | str) -> Parsed:
    return Parsed(problems=(fault(Place(file, 0), "", code, **values),))
