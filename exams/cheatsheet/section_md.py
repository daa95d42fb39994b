"""Sections of the cheat sheet and its outline: files to records and back."""

import re
from dataclasses import dataclass, field
from typing import Final

from exams.cheatsheet.records import (
    BlockRecord,
    OutlineBlockRecord,
    OutlineRecord,
    OutlineSectionRecord,
    Passage,
    SectionRecord,
)
from exams.content.formats.text import decoded, table_cells
from exams.content.formats.tree import Branch, finish, open_document
from exams.content.records import NOWHERE, FormatError, Place, Problem

FORMS: Final = ("text", "table", "bullets", "steps")


def read_outline(data: bytes, file: str) -> OutlineRecord:
    """Read the outline of the cheat sheet; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    sections = tuple(_section(row) for row in root.fields(("sections",)).rows("sections"))
    finish(problems)
    return OutlineRecord(sections, root.place)


def _section(branch: Branch) -> OutlineSectionRecord:
    fields = branch.fields(("number", "title", "blocks"))
    number = fields.number("number")
    blocks = []
    for row in fields.rows("blocks"):
        entry = row.fields(("number", "title", "form"))
        block = OutlineBlockRecord(entry.text("number"), entry["title"].title(), entry["form"].one_of(FORMS))
        if not block.number.startswith(f"{number}."):
            row.complain(f"block {block.number} does not belong to section {number}")
        blocks.append(block)
    return OutlineSectionRecord(number, fields["title"].title(), tuple(blocks))


BLOCK: Final = re.compile(r"## (?P<number>\d+\.\d+) (?P<title>\S.*)")
COVERS: Final = re.compile(r"<!-- covers:(?P<names>[a-z0-9, -]*)-->")
BULLET: Final = re.compile(r"\s*[-*+] +(?P<text>\S.*)")
STEP: Final = re.compile(r"\s*\d+[.)] +(?P<text>\S.*)")
TIP: Final = re.compile(r"(?:[-*+>] +)?[*_]*(?:Exam tip|Vizsgatipp)\b", re.IGNORECASE)


@dataclass(slots=True)
class _Open:
    """A block while its lines are read; a passage is a list of lines that may go on."""

    number: str
    title: str
    place: Place
    covers: tuple[str, ...] | None = None
    found: dict[str, list[tuple[int, list[str]]]] = field(default_factory=dict)
    tips: list[list[Passage]] = field(default_factory=lambda: [[]])
    last: list[str] | None = None
    lines: list[str] = field(default_factory=list)

    def begin(self, kind: str, line: int, text: str) -> None:
        """Open a passage to which the next lines may belong."""
        self.last = [text.strip()]
        self.found.setdefault(kind, []).append((line, self.last))

    def passages(self, kind: str) -> tuple[Passage, ...]:
        """Return the passages of a kind, each with its lines joined."""
        file = self.place.file
        return tuple(Passage(" ".join(lines), Place(file, line)) for line, lines in self.found.get(kind, ()))

    def close(self) -> BlockRecord:
        """Return the block as a record."""
        kinds = ("cells", "bullets", "steps", "paragraphs")
        cells, bullets, steps, paragraphs = (self.passages(kind) for kind in kinds)
        tips = tuple(tuple(group) for group in self.tips)
        covers, source = self.covers or (), "\n".join(self.lines).strip("\n")
        return BlockRecord(
            self.number, self.title, covers, cells, bullets, steps, paragraphs, tips, source, self.place
        )


class _Section:
    """Reads a file line by line and gathers what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.title = ""
        self.blocks: list[_Open] = []
        self.problems: list[Problem] = []

    def complain(self, line: int, message: str) -> None:
        """Note a fault at a line."""
        self.problems.append(Problem(Place(self.file, line), "", message))

    def heading(self, number: int, line: str) -> None:
        """Take the title of the section or the heading of a block."""
        head = BLOCK.fullmatch(line)
        if head:
            place = Place(self.file, number)
            self.blocks.append(_Open(head["number"], head["title"], place))
        elif line.startswith("## "):
            self.complain(number, f"expected '## n.m Title', found {line!r}")
        elif self.title or self.blocks:
            self.complain(number, "the title of the section comes once, before all blocks")
        else:
            self.title = line.removeprefix("# ").strip()

    def line(self, number: int, line: str) -> None:
        """Take one line without white space at its end."""
        if line.startswith(("# ", "## ")):
            self.heading(number, line)
        elif not self.blocks:
            if line:
                self.complain(number, "text before the first block")
        elif self.blocks[-1].covers is None:
            self._covers(number, line)
        else:
            _content(self.blocks[-1], number, line)

    def _covers(self, number: int, line: str) -> None:
        if not line:
            return
        block, match = self.blocks[-1], COVERS.fullmatch(line)
        names = match["names"].split(",") if match else []
        block.covers = tuple(name.strip() for name in names if name.strip())
        if not match:
            self.complain(number, f"expected '<!-- covers: a, b -->' below the heading of {block.number}")


def _content(block: _Open, number: int, line: str) -> None:
    """Put a line of a block where it belongs."""
    bullet, step = BULLET.fullmatch(line), STEP.fullmatch(line)
    block.lines.append(line)
    if not line:
        block.last = None
    elif line.startswith("###"):
        block.last = None
        block.tips.append([])
    elif TIP.match(line):
        # Before lists and paragraphs: a tip may be written as either.
        block.last = None
        block.tips[-1].append(Passage(line, Place(block.place.file, number)))
    elif line.startswith("|"):
        block.last = None
        for cell in table_cells(line):
            block.begin("cells", number, cell)
            block.last = None
    elif bullet:
        block.begin("bullets", number, bullet["text"])
    elif step:
        block.begin("steps", number, step["text"])
    elif block.last is not None:
        block.last.append(line.strip())
    else:
        block.begin("paragraphs", number, line)


def read_section(data: bytes, file: str) -> SectionRecord:
    """Read one section of the cheat sheet; raises FormatError with every fault and its line."""
    section = _Section(file)
    for number, line in enumerate(decoded(data, file).splitlines(), start=1):
        section.line(number, line.rstrip())
    if not section.title:
        section.complain(1, "expected a title such as '# Section'")
    for block in section.blocks:
        if block.covers is None:
            section.complain(block.place.line, f"block {block.number} is empty")
    if section.problems:
        raise FormatError(tuple(sorted(section.problems, key=lambda problem: problem.place.line)))
    return SectionRecord(section.title, tuple(block.close() for block in section.blocks), Place(file, 1))


def read_block(source: str) -> BlockRecord:
    """Return what the content of one block holds; it may have any faults."""
    block = _Open("", "", NOWHERE, ())
    for number, line in enumerate(source.split("\n"), start=1):
        _content(block, number, line.rstrip())
    return block.close()


def write_section(section: SectionRecord) -> bytes:
    """Write one section; reading it again gives an equal record."""
    blocks = (
        f"## {block.number} {block.title}\n\n<!-- covers: {', '.join(block.covers)} -->\n\n{block.source}\n"
        for block in section.blocks
    )
    return "\n".join((f"# {section.title}\n", *blocks)).encode()
