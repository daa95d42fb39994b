"""Figures: SVG of a small, closed subset, bytes to records.

Shapes and words with numbers, a title and a description. No script, style, font, image, reference, handler,
id, entity or foreign namespace has a place here: what is not listed is refused, with its line. What is kept
is written anew from what was understood, so nothing reaches a page that was not read.
"""

import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import PurePosixPath
from typing import Final
from xml.parsers import expat

from exams.content.formats.text import bidi_fault
from exams.content.records import FigureRecord, FormatError, Place, Problem

SIZE: Final = 6 * 1024
DEPTH: Final = 4
PATH_LENGTH: Final = 2_000
TITLE_LENGTH: Final = 120
DESCRIPTION_LENGTH: Final = 1_500
NAMESPACE: Final = "http://www.w3.org/2000/svg"
# The stylesheet knows these, in both themes, in forced colors and in print.
CLASSES: Final = frozenset(["axis", "grid", "tick", "label", "value", "ref", "s1", "s2", "s3", "s4"])

# No part of these patterns can match the same text in two ways: a hostile value costs no time.
_NUMBER: Final = r"-?[0-9]{1,4}(?:\.[0-9]{1,3})?"
_SIZE: Final = _NUMBER.removeprefix("-?")
_NUMBERS: Final = rf"{_NUMBER}(?:[ ,]{_NUMBER})*"


def _one_of(*values: str) -> Callable[[str], bool]:
    return frozenset(values).__contains__


def _like(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: len(value) <= PATH_LENGTH and bool(compiled.fullmatch(value))


def _classes(value: str) -> bool:
    return bool(value.split()) and CLASSES.issuperset(value.split())


_CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "xmlns": _one_of(NAMESPACE),
    "viewBox": _like(rf"0 0 {_SIZE} {_SIZE}"),
    "class": _classes,
    "d": _like(rf"(?:[MmLlHhVvCcQqAaZz](?: ?{_NUMBERS})? ?)+"),
    "points": _like(_NUMBERS),
    "text-anchor": _one_of("start", "middle", "end"),
    **dict.fromkeys(["x", "y", "x1", "y1", "x2", "y2", "cx", "cy"], _like(_NUMBER)),
    **dict.fromkeys(["r", "width", "height"], _like(_SIZE)),
}
ELEMENTS: Final[Mapping[str, frozenset[str]]] = {
    "svg": frozenset({"xmlns", "viewBox"}),
    "title": frozenset(),
    "desc": frozenset(),
    "g": frozenset({"class"}),
    "path": frozenset({"class", "d"}),
    "polyline": frozenset({"class", "points"}),
    "line": frozenset(["class", "x1", "y1", "x2", "y2"]),
    "rect": frozenset(["class", "x", "y", "width", "height"]),
    "circle": frozenset(["class", "cx", "cy", "r"]),
    "text": frozenset(["class", "x", "y", "text-anchor"]),
}
WORDS: Final = ("title", "desc", "text")


def read_figure(data: bytes, file: str) -> FigureRecord:
    """Read a figure; its name is that of the file. Raises FormatError with every fault and its line."""
    place = Place(file, 1)
    if len(data) > SIZE:
        message = f"the figure has {len(data):,} bytes; at most {SIZE:,} are allowed"
        raise FormatError((Problem(place, "", message),))
    reader = _Reader(file)
    reader.read(data)
    problems = [*reader.problems, *_wordless(reader, place)]
    if problems:
        raise FormatError(tuple(problems))
    return FigureRecord(PurePosixPath(file).stem, reader.svg, reader.title, reader.description, place)


def _wordless(reader: "_Reader", place: Place) -> list[Problem]:
    checks = (
        ("title", reader.title, TITLE_LENGTH),
        ("desc", reader.description, DESCRIPTION_LENGTH),
    )
    wrong = [f"there is no <{name}>" for name, text, _ in checks if not text]
    wrong += [f"<{name}> is longer than {most} characters" for name, text, most in checks if len(text) > most]
    if not reader.problems and not reader.svg.startswith("<svg viewBox="):
        wrong.append("<svg> has no viewBox")
    return [Problem(place, "", message) for message in wrong]


class _Reader:
    """Reads one document by events, so that every fault has a line. Nothing is resolved or loaded."""

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self.title = self.description = ""
        self._file = file
        self._open: list[str] = []
        self._written: list[str] = []
        self._words = ""
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.ProcessingInstructionHandler = self._instruction
        # Entities are declared within a document type alone: it ends the reading before the first of them.
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, data: bytes) -> None:
        """Read the whole document; faults gather in `problems`. Raises FormatError where it is no XML."""
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            said = f"not valid XML: {expat.ErrorString(error.code)}"
            problem = Problem(Place(self._file, error.lineno), "", said)
            raise FormatError((*self.problems, problem)) from error

    @property
    def svg(self) -> str:
        """Return the drawing as it was understood."""
        return "".join(self._written)

    def _complain(self, message: str) -> None:
        self.problems.append(Problem(Place(self._file, self._parser.CurrentLineNumber), "", message))

    def _doctype(self, name: str, *_: object) -> None:
        self._complain("a document type is not allowed")
        raise FormatError(tuple(self.problems))

    def _instruction(self, target: str, _data: str) -> None:
        self._complain(f"the instruction {target!r} is not allowed")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name)
        self._words = ""
        values = {key: " ".join(value.split()) for key, value in attributes.items()}
        for fault in _element_faults(self._open, values):
            self._complain(fault)
        kept = "".join(f' {key}="{escape(value)}"' for key, value in values.items() if key != "xmlns")
        self._written.append(f"<{name}{kept}>")

    def _text(self, text: str) -> None:
        if self._open[-1] in WORDS:
            self._words += text
            if fault := bidi_fault(text):
                self._complain(fault)
        elif text.strip():
            self._complain(f"<{self._open[-1]}> holds the words {text.strip()[:40]!r}")

    def _end(self, name: str) -> None:
        words = " ".join(self._words.split())
        if (name == "title" and self.title) or (name == "desc" and self.description):
            self._complain(f"there is a second <{name}>")
        elif name == "title":
            self.title = words
        elif name == "desc":
            self.description = words
        self._written.append(f"{escape(words, quote=False)}</{name}>")
        self._words = ""
        self._open.pop()


def _element_faults(path: list[str], attributes: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the last element of a path from the root."""
    name = path[-1]
    allowed = ELEMENTS.get(name)
    if allowed is None or (name == "svg") != (len(path) == 1):
        return [f"<{name[:40]}> is not allowed{' here' if allowed else ''}"]
    faults = []
    if len(path) > DEPTH or (len(path) > 1 and path[-2] not in ("svg", "g")):
        faults.append(f"<{name}> is not allowed within <{path[-2]}>")
    if name in ("title", "desc") and len(path) != 2:
        faults.append(f"<{name}> of a part is not allowed; the figure has one")
    for key, value in attributes.items():
        if key not in allowed:
            faults.append(f"{key[:40]!r} of <{name}> is not allowed")
        elif not _CHECKS[key](value):
            faults.append(f"{key}={value[:60]!r} of <{name}> is not allowed")
    return faults
