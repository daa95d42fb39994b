"""A YAML document as a tree that knows its lines and collects everything that is wrong, and its way back.

A `Branch` gives neutral values (empty text, no rows) where the file has a fault, so that reading
goes on to the next fault; `finish` then refuses the whole document.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import yaml

from exams.content.formats.text import bidi_fault, decoded
from exams.content.records import FormatError, Place, Problem

LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
YAML: Final = "tag:yaml.org,2002:"
TAGS: Final = {
    "str": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "null": "nothing",
    "timestamp": "a date",
    "seq": "a list",
    "map": "a mapping",
}
TRUE: Final = frozenset({"true", "yes", "on"})
DECIMAL: Final = re.compile(r"[0-9]{1,9}")
LARGEST: Final = 32_767  # of a smallint, in which the database has them
TITLE_LENGTH: Final = 200
# Line feeds and tabs are content; other control characters nobody sees, and PostgreSQL stores no NUL.
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Branch:
    """One value of the document, with its place and the item it belongs to."""

    def __init__(self, node: yaml.Node | None, place: Place, problems: list[Problem], item: str = "") -> None:
        self._node = node
        self._problems = problems
        self._item = item
        self.place = place

    def complain(self, message: str) -> None:
        """Note a fault at this place."""
        self._problems.append(Problem(self.place, self._item, message))

    def within(self, item: str) -> "Branch":
        """Return the same value, its faults named as those of `item`."""
        return Branch(self._node, self.place, self._problems, item)

    def silent(self) -> "Branch":
        """Return the same value with a list of faults that nobody reads."""
        return Branch(self._node, self.place, [], self._item)

    def _child(self, node: yaml.Node) -> "Branch":
        return Branch(node, Place(self.place.file, node.start_mark.line + 1), self._problems, self._item)

    def _is(self, wanted: str, *tags: str) -> bool:
        if self._node is None:
            return False
        if self._node.tag.removeprefix(YAML) in tags:
            return True
        kind = TAGS.get(self._node.tag.removeprefix(YAML), f"a value of type {self._node.tag}")
        hint = "; write it in quotes" if "str" in tags and isinstance(self._node, yaml.ScalarNode) else ""
        self.complain(f"expected {wanted}, found {kind}{hint}")
        return False

    def scalar(self, wanted: str, *tags: str) -> str | None:
        """Return what is written where it is of one of these types of YAML, else None."""
        return str(self._node.value) if self._is(wanted, *tags) and self._node is not None else None

    def text(self) -> str:
        """Return the text without white space at its ends; it may not be empty."""
        written = self.scalar("text", "str")
        if written is None:
            return ""
        value = written.strip()
        if not value:
            self.complain("the text is empty")
        if CONTROL.search(value):
            self.complain("the text holds a control character")
        if fault := bidi_fault(value):
            self.complain(fault)
        return value

    def flag(self) -> bool:
        """Return a truth value."""
        return (self.scalar("true or false", "bool") or "").lower() in TRUE

    def number(self) -> int:
        """Return a whole number."""
        digits = self.scalar("a whole number", "int")
        if digits is None:
            return 0
        if not DECIMAL.fullmatch(digits) or int(digits) > LARGEST:
            self.complain(f"expected a whole number from 0 to {LARGEST}, found {digits}")
            return 0
        return int(digits)

    def iso_date(self) -> date | None:
        """Return a date written as text, YYYY-MM-DD; None where it is none."""
        value = self.text()
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.complain(f"expected a date such as 2026-03-31, found {value!r}")
            return None

    def title(self) -> str:
        """Return a text that is short enough for a heading."""
        value = self.text()
        if len(value) > TITLE_LENGTH:
            self.complain(f"expected at most {TITLE_LENGTH} characters, found {len(value)}")
        return value

    def is_null(self) -> bool:
        """Tell whether the value is an explicit null."""
        return self._node is not None and self._node.tag == f"{YAML}null"

    def one_of(self, allowed: Sequence[str]) -> str:
        """Return a text out of a closed list."""
        value = self.text()
        if value and value not in allowed:
            self.complain(f"expected one of {', '.join(allowed)}, found {value!r}")
        return value

    def rows(self) -> list["Branch"]:
        """Return the members of a list."""
        if not self._is("a list", "seq") or not isinstance(self._node, yaml.SequenceNode):
            return []
        return [self._child(node) for node in self._node.value]

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(row.text() for row in self.rows())

    def entries(self) -> dict[str, "Branch"]:
        """Return a mapping by its keys as written; a key that appears twice is a fault."""
        if not self._is("a mapping", "map") or not isinstance(self._node, yaml.MappingNode):
            return {}
        branches: dict[str, Branch] = {}
        for key_node, value_node in self._node.value:
            key, branch = self._child(key_node), self._child(value_node)
            if not isinstance(key_node, yaml.ScalarNode):
                key.complain("a key must be a plain word")
            elif key_node.value in branches:
                key.complain(f"the key {key_node.value!r} appears twice")
            else:
                branches[str(key_node.value)] = branch
        return branches

    def fields(
        self, required: Iterable[str], optional: Iterable[str] = (), *, open_ended: bool = False
    ) -> "Fields":
        """Return a mapping of known keys; missing and (unless `open_ended`) unknown keys are faults."""
        entries = self.entries()
        needed, allowed = list(required), {*required, *optional}
        if self._node is not None and isinstance(self._node, yaml.MappingNode):
            for key in needed:
                if key not in entries:
                    self.complain(f"the key {key!r} is missing")
            for key, branch in entries.items():
                if key not in allowed and not open_ended:
                    branch.complain(f"unknown key {key!r}; known are {', '.join(sorted(allowed))}")
        return Fields(self, entries)


class Fields:
    """The values of a mapping by key; an absent one reads as a neutral value, already complained about."""

    def __init__(self, branch: Branch, entries: dict[str, Branch]) -> None:
        self._branch = branch
        self._entries = entries

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def has(self, key: str) -> bool:
        """Tell whether there is a value under `key`; an explicit null counts as none."""
        return key in self._entries and not self._entries[key].is_null()

    def __getitem__(self, key: str) -> Branch:
        return self._entries.get(key) or Branch(None, self._branch.place, [])

    def text(self, key: str) -> str:
        """Return the text under `key`."""
        return self[key].text()

    def flag(self, key: str) -> bool:
        """Return the truth value under `key`."""
        return self[key].flag()

    def number(self, key: str) -> int:
        """Return the whole number under `key`."""
        return self[key].number()

    def rows(self, key: str) -> list[Branch]:
        """Return the members of the list under `key`."""
        return self[key].rows()


def open_document(data: bytes, file: str) -> tuple[Branch, list[Problem]]:
    """Return the root of a YAML document and the list in which its faults gather.

    Raises FormatError where the bytes are no UTF-8 or no single YAML document.
    """
    text = decoded(data, file)
    try:
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context or "cannot be read"
        raise _unreadable(file, mark.line + 1 if mark else 1, f"not valid YAML: {reason}") from error
    except yaml.YAMLError as error:
        raise _unreadable(file, 1, f"not valid YAML: {' '.join(str(error).split())}") from error
    # The parser follows each level of the document, so a hostile one can go deeper than the stack.
    except RecursionError as error:
        raise _unreadable(file, 1, "not valid YAML: nested too deeply") from error
    if node is None:
        raise _unreadable(file, 1, "the file is empty")
    problems: list[Problem] = []
    return Branch(node, Place(file, node.start_mark.line + 1), problems), problems


def finish(problems: list[Problem]) -> None:
    """Raise FormatError with all faults in the order of their lines, if there are any."""
    if problems:
        raise FormatError(tuple(sorted(problems, key=lambda problem: problem.place.line)))


def _unreadable(file: str, line: int, message: str) -> FormatError:
    return FormatError((Problem(Place(file, line), "", message),))


FOLD_FROM: Final = 90
WIDTH: Final = 110

if TYPE_CHECKING:
    from yaml import SafeDumper as Base
else:
    # The one in C takes a tenth of the time. It writes characters beyond U+FFFF as escapes.
    Base = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(Base):
    """Writes long texts of one line folded, and tables and code as they stand, as authors do."""


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    foldable = len(value) > FOLD_FROM and value.isprintable() and "  " not in value
    style = ">" if foldable else "|" if "\n" in value else None
    return dumper.represent_scalar(f"{YAML}str", value, style=style)


_Dumper.add_representer(str, _represent_text)


def dump(document: dict[str, Any] | list[dict[str, Any]]) -> bytes:
    """Return the document in UTF-8."""
    written = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return written.encode("utf-8")
