"""Whole items as rows of a table, and back: what CSV and XLSX share.

One row for an item in one language, the original first. A translation repeats the id and names its language;
what it leaves empty (kind, correct, task and so on) is that of the original. Lists in a cell are separated by
semicolons, references are one on each line: Title <https://…>. Columns may stand in any order, and those that
are not needed may be missing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.building import Builder
from exams.content.exchange_formats.labels import FAILURES
from exams.content.exchange_formats.markup import checked
from exams.content.exchange_formats.shape import (
    Context,
    Loss,
    Parsed,
    item_texts,
    refusal,
    written_loss,
)
from exams.content.formats.blueprint_yaml import DIFFICULTIES, LEVELS
from exams.content.formats.item_yaml import EXPLANATION_KEYS, LETTERS
from exams.content.markdown import figure_names
from exams.content.records import (
    Explanation,
    ItemRecord,
    ItemTextRecord,
    OptionRecord,
    OptionTextRecord,
    Reference,
    Traits,
    WholeItem,
)
from exams.kinds import kinds

TRAITS: Final = ("kind", "correct", "task", "difficulty", "level", "covers")
PLAIN: Final = ("id", "source", "language", *TRAITS, "tags", "stem", "ask")
PARTS: Final = ("option", "why", "failure")
COLUMNS: Final = (
    *PLAIN,
    *(f"{part}_{letter.lower()}" for letter in LETTERS for part in PARTS),
    *EXPLANATION_KEYS,
    "references",
)
NEEDED: Final = ("id", "stem", "correct", "option_a", "option_b")
KNOWN: Final = {"kind": kinds.NAMES, "difficulty": DIFFICULTIES, "level": LEVELS}
KNOWN_FAILURES: Final = {f"failure_{letter.lower()}": FAILURES for letter in LETTERS}
LISTED: Final = re.compile(r"(?:\\.|[^;\\]|\\$)+", re.DOTALL)
ESCAPED: Final = re.compile(r"\\([;\\])")

type Row = tuple[int, Sequence[str]]
"""A line of the file, from 1, and its cells."""


@dataclass(frozen=True, slots=True)
class _Cells:
    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    def listed(self, column: str) -> tuple[str, ...]:
        parts = (ESCAPED.sub(r"\1", part.strip()) for part in LISTED.findall(self[column]))
        return tuple(part for part in parts if part)

    def options(self) -> list[OptionRecord]:
        """Return the options that have a text; which of them are correct is said elsewhere."""
        cells = ((letter, *(self[f"{part}_{letter.lower()}"] for part in PARTS)) for letter in LETTERS)
        return [
            OptionRecord(letter, text, correct=False, failure=failure or None, why=why)
            for letter, text, why, failure in cells
            if text
        ]


def items_of(rows: Iterable[Row], context: Context) -> Parsed:
    """Return the items of a table whose first row names the columns."""
    builder, lines = Builder(), iter(rows)
    names = _names(next(lines, (1, ())), context)
    originals: dict[str, WholeItem] = {}
    faulty: set[str] = set()
    context.begin()
    for count, (line, cells) in enumerate(lines, start=1):
        if count > limits.ROWS:
            raise refusal(context.file, line, "rows", most=limits.ROWS)
        row = _Cells(line, dict(zip(names, map(_text, cells), strict=False)))
        # Where a cell cannot be read, what else is wrong with the row would only follow from that.
        if not context.is_faulty and len(cells) != len(names):
            context.complain(line, "", "cells", found=len(cells), expected=len(names))
        if not context.is_faulty and (row["correct"] or row["id"] not in faulty):
            _take(row, originals, builder, context)
        # A translation of a faulty question would be called one without an original.
        if context.is_faulty:
            faulty.add(row["id"])
        context.begin()
    for name, item in originals.items():
        context.begin()
        for text in item.texts.values():
            builder.check_texts(item, text, context)
        if context.is_faulty:
            faulty.add(name)
    return context.result(item for name, item in originals.items() if name not in faulty)


def _text(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip()


def _names(head: Row, context: Context) -> list[str]:
    line, cells = head
    names = [cell.strip().lower() for cell in cells]
    for name in names:
        if name not in COLUMNS:
            raise refusal(context.file, line, "unknown_column", name=name, known=", ".join(COLUMNS))
        if names.count(name) > 1:
            raise refusal(context.file, line, "column_twice", name=name)
    if missing := [name for name in NEEDED if name not in names]:
        raise refusal(context.file, line, "no_head", missing=", ".join(missing))
    return names


def _take(row: _Cells, originals: dict[str, WholeItem], builder: Builder, context: Context) -> None:
    language = row["language"] or context.language
    original = originals.get(row["id"])
    if original is None and not row["correct"]:
        context.complain(row.line, row["id"], "no_original")
    elif original is None:
        item = _item(row, language, context)
        if not context.is_faulty and (whole := builder.checked(item, context)):
            originals[row["id"]] = whole
    elif language == original.language or language in original.texts:
        context.complain(row.line, row["id"], "language_twice", language=language)
    else:
        _translate(row, language, original, context)


def _item(row: _Cells, language: str, context: Context) -> WholeItem:
    keys = [letter.upper() for letter in re.split(r"[;,\s]+", row["correct"]) if letter]
    if len(keys) == 1 and len(keys[0]) > 1 and set(keys[0]) <= set(LETTERS):
        keys = list(keys[0])
    options = row.options()
    letters = "".join(option.letter for option in options)
    if gap := next((letter for letter in LETTERS[: len(letters)] if letter not in letters), ""):
        context.complain(row.line, row["id"], "option_gap", letter=gap)
    for key in keys:
        if key not in letters:
            context.complain(row.line, row["id"], "key_letter", value=key)
    for column, known in {**KNOWN, **KNOWN_FAILURES}.items():
        if row[column] and row[column] not in known:
            context.complain(
                row.line, row["id"], "value", field=column, value=row[column], known=", ".join(known)
            )
    kind = row["kind"] or kinds.of_keys(len(keys))
    record = ItemRecord(
        id=row["id"],
        stem=row["stem"],
        ask=row["ask"],
        options=tuple(replace(option, correct=option.letter in keys) for option in options),
        explanation=_explanation(row),
        references=tuple(_references(row, context)),
        traits=Traits(row["task"], kind, len(keys), row["difficulty"], row.listed("covers"), row["level"]),
        place=context.place(row.line),
    )
    return WholeItem(record, language, {}, row.listed("tags"), row["source"])


def _explanation(row: _Cells) -> Explanation:
    return Explanation(*(row[key] for key in EXPLANATION_KEYS))


def _references(row: _Cells, context: Context) -> Iterator[Reference]:
    for line in filter(None, map(str.strip, row["references"].split("\n"))):
        title, begin, address = line.removesuffix(">").rpartition("<")
        if begin and line.endswith(">"):
            yield Reference(title.strip(), address)
        else:
            context.complain(row.line, row["id"], "reference", value=line)


def _translate(row: _Cells, language: str, original: WholeItem, context: Context) -> None:
    options = row.options()
    if [option.letter for option in options] != [option.letter for option in original.record.options]:
        context.complain(row.line, row["id"], "translated_options")
        return
    original.texts[language] = ItemTextRecord(
        id=row["id"],
        stem=row["stem"],
        ask=row["ask"],
        options=tuple(OptionTextRecord(option.letter, option.text, option.why) for option in options),
        explanation=_explanation(row),
        place=context.place(row.line),
    )


def rows_of(items: Iterable[WholeItem]) -> tuple[list[list[str]], tuple[Loss, ...]]:
    """Return the rows of items under their columns, and what a table cannot hold of them."""
    rows: list[list[str]] = [list(COLUMNS)]
    losses: list[Loss] = []
    for item in checked(items):
        cells = [_original(item)]
        for language, texts in item.texts.items():
            cells.append({**_texts(texts), "id": item.record.id, "language": language})
        rows += [[row.get(column, "") for column in COLUMNS] for row in cells]
        names = figure_names(*item_texts(item))
        losses += [written_loss(item.record.id, "figure", name=name) for name in names]
    return rows, tuple(losses)


def _original(item: WholeItem) -> dict[str, str]:
    record, traits = item.record, item.traits
    failures = {f"failure_{option.letter.lower()}": option.failure or "" for option in record.options}
    return {
        **_texts(record),
        **failures,
        "id": record.id,
        "source": item.source,
        "language": item.language,
        "kind": traits.kind,
        "correct": " ".join(record.keys),
        "task": traits.task,
        "difficulty": traits.difficulty,
        "level": traits.cognitive_level,
        "covers": _list(traits.covers),
        "tags": _list(item.tags),
        "references": "\n".join(f"{reference.title} <{reference.url}>" for reference in record.references),
    }


def _texts(record: ItemRecord | ItemTextRecord) -> dict[str, str]:
    cells = {"stem": record.stem, "ask": record.ask}
    for option in record.options:
        cells |= {f"option_{option.letter.lower()}": option.text, f"why_{option.letter.lower()}": option.why}
    return cells | {key: getattr(record.explanation, key) for key in EXPLANATION_KEYS}


def _list(values: Iterable[str]) -> str:
    return "; ".join(value.replace("\\", "\\\\").replace(";", "\\;") for value in values)
