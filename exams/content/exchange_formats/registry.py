"""The formats by name: what pages offer, and what jobs and commands call."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.aiken import read_aiken
from exams.content.exchange_formats.bank_yaml import read_bank_yaml, write_bank_yaml
from exams.content.exchange_formats.csv_format import read_csv, write_csv
from exams.content.exchange_formats.gift_read import read_gift
from exams.content.exchange_formats.gift_write import write_gift
from exams.content.exchange_formats.limits import Deadline, TooLong
from exams.content.exchange_formats.moodle_read import read_moodle
from exams.content.exchange_formats.moodle_write import write_moodle
from exams.content.exchange_formats.qti_package import read_qti
from exams.content.exchange_formats.qti_write import write_qti
from exams.content.exchange_formats.shape import Context, Parsed, Picture, Written, fault
from exams.content.exchange_formats.xlsx_format import MEDIA_TYPE, read_xlsx, write_xlsx
from exams.content.records import FormatError, Place
from exams.content.whole import WholeItem
from i18n import languages

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
FORMATS: Final[Mapping[str, Format]] = {one.name: one for one in _ALL}


def read(
    name: str, data: bytes, file: str, *, language: str = languages.DEFAULT, seconds: float = limits.SECONDS
) -> Parsed:
    """Read a file of a format. What is wrong with it is in the result; nothing of such a file is.

    `language` is that of files which do not say theirs.
    """
    found = FORMATS.get(name)
    if found is None or found.reader is None:
        return Parsed(problems=(fault(Place(file, 0), "", "unknown_format", name=name),))
    if len(data) > limits.FILE_SIZE:
        return _refused(file, "file_size", most=limits.FILE_SIZE // limits.MEGABYTE)
    context = Context(file, language, Deadline(seconds))
    try:
        return found.reader(data, file, context)
    except FormatError as error:
        return Parsed(problems=error.problems)
    except TooLong:
        return _refused(file, "time", seconds=int(seconds))


def write(name: str, items: Iterable[WholeItem], pictures: Iterable[Picture] = ()) -> Written:
    """Write items into a format. Raises KeyError if it cannot be written, FormatError for bad items."""
    found = FORMATS[name]
    if found.writer is None:
        raise KeyError(name)
    return found.writer(items, {picture.name: picture for picture in pictures})


def _refused(file: str, code: str, **values: int) -> Parsed:
    return Parsed(problems=(fault(Place(file, 0), "", code, **values),))
