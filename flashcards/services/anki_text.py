"""Notes that Anki exported as plain text. Pure: text to rows.

Its first lines begin with # and say how it is written, and which of its columns are no fields.
"""

import re
from collections.abc import Iterator, Mapping
from time import thread_time
from typing import Final

from exams.content.exchange_formats import html_tree
from exams.content.exchange_formats.html_markdown import Quiet, to_markdown
from exams.content.records import FormatError
from flashcards.services import csv_file
from flashcards.services.csv_file import BEGINNING, CsvFault, CsvRow

SETTING: Final = re.compile(r"#([a-z][a-z ]{0,30}):(.*)", re.IGNORECASE)
SEPARATORS: Final = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "colon": ":", "space": " "}
COLUMN: Final = re.compile(r"[1-9][0-9]?")
SPECIAL: Final = ("guid", "notetype", "deck", "tags")
SOUND: Final = re.compile(r"\[sound:[^\]\n]{1,200}\]")
HTML_MOST: Final = 16_000
"""Four times what a card may hold: formatting takes room."""
MAX_TEXT_LENGTH: Final = 4_000
SECONDS: Final = 3
"""So much of a processor one file may take: hostile words take the square of their length."""


class _WithoutImages(Quiet):
    """Leaves images out: they are files of Anki, and not in the text."""

    def image(self, address: str, alt: str) -> str:
        """Return that there is none."""
        return ""


def is_notes(text: str) -> bool:
    """Tell whether a file begins as those of Anki do."""
    return bool(SETTING.match(text))


def read(text: str) -> Iterator[CsvRow]:
    """Yield the notes of a file: the first field, or that with gaps, is the front, the others are the back.

    Raises CsvFault.
    """
    settings, count = _settings(text)
    body = text.split("\n", count)[count] if count <= text.count("\n") else ""
    separator = _separator(settings.get("separator", "tab"))
    numbers = {name: settings.get(f"{name} column", "") for name in SPECIAL}
    columns = {name: int(number) - 1 for name, number in numbers.items() if COLUMN.fullmatch(number)}
    is_html = settings.get("html", "").lower() == "true"
    end = thread_time() + SECONDS
    for cells, line in csv_file.lines(body, separator, begin=count + 1):
        # Of this thread: others of the process must not use up the time of a file.
        if thread_time() > end:
            raise CsvFault("formatting", line)
        fields = [cell for at, cell in enumerate(cells) if at not in columns.values()]
        texts = [_markdown(field, line) if is_html else field for field in fields] or [""]
        front = texts.pop(next((at for at, text in enumerate(texts) if BEGINNING.search(text)), 0))
        special = {name: cells[at] for name, at in columns.items() if at < len(cells)}
        tags = f"{special.get('tags', '')} {settings.get('tags', '')}".split()
        back = "\n\n".join(text for text in texts if text.strip())
        # A front is stored as one line, in which the backslash of a break would be read.
        front = front.replace("\\\n", "\n")
        yield CsvRow(special.get("guid", ""), front, back, tuple(tags), line=line)


def _separator(name: str) -> str:
    """Return what is between cells, by its name or as it is. Raises CsvFault for what cannot be."""
    separator = SEPARATORS.get(name.lower(), name)
    if len(separator) != 1 or separator in '"\r\n':
        raise CsvFault("separator", 1)
    return separator


def _settings(text: str) -> tuple[Mapping[str, str], int]:
    """Return what the first lines say, and how many there are."""
    settings: dict[str, str] = {}
    line_count = 0
    for line in text.split("\n"):
        if not (setting := SETTING.fullmatch(line.rstrip("\r"))):
            break
        settings[setting[1].lower()] = setting[2].strip(" \r")
        line_count += 1
    return settings, line_count


def _markdown(html: str, line: int) -> str:
    """Return a field as Markdown. Raises CsvFault where it is more than a card can hold."""
    if len(html) > HTML_MOST:
        raise CsvFault("formatting", line)
    try:
        root = html_tree.parse(SOUND.sub("", html), "", line)
    except FormatError as error:
        raise CsvFault("formatting", line) from error
    if len(root.all_text) > MAX_TEXT_LENGTH:
        raise CsvFault("formatting", line)
    return to_markdown(root.children, _WithoutImages())
