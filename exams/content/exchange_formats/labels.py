"""What an item is, as labels: plain words that every system lets authors put on a question.

`task:1.2`, `difficulty:hard`, `level:apply`, `covers:athena`, `failure:B=W4`, `id:E1-Q01` and `source:…` are
ours. A word of an author that looks like one of ours is written behind `tag:`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from exams.content.formats.blueprint_yaml import DIFFICULTIES, LEVELS
from exams.content.formats.item_yaml import LETTERS
from exams.content.records import WholeItem

OWN: Final = ("id", "source", "task", "difficulty", "level", "covers", "failure", "tag")
FAILURES: Final = ("W1", "W2", "W3", "W4", "W5", "W6")

KNOWN: Final = {
    "difficulty": DIFFICULTIES,
    "level": LEVELS,
    "failure": tuple(f"{letter}={code}" for letter in LETTERS for code in FAILURES),
}


@dataclass(slots=True)
class Labels:
    """What the labels of a question say. `id` is empty where another system made them."""

    id: str = ""
    source: str = ""
    task: str = ""
    difficulty: str = ""
    level: str = ""
    covers: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)


def labels_of(item: WholeItem) -> list[str]:
    """Return the labels of an item."""
    traits = item.traits
    values = [
        ("id", item.record.id),
        ("source", item.source),
        ("task", traits.task),
        ("difficulty", traits.difficulty),
        ("level", traits.cognitive_level),
        *(("covers", name) for name in traits.covers),
        *(("failure", f"{one.letter}={one.failure}") for one in item.record.options if one.failure),
    ]
    return [*(f"{name}:{value}" for name, value in values if value), *map(_escaped, item.tags)]


def _escaped(tag: str) -> str:
    return f"tag:{tag}" if tag.split(":")[0] in OWN and ":" in tag else tag


def read_labels(labels: Iterable[str], note: Callable[[str], None]) -> Labels:
    """Return what labels say; `note` hears of those that name a value which is none, and become tags."""
    read = Labels()
    for label in map(str.strip, labels):
        name, _, value = (part.strip() for part in label.partition(":"))
        # "task:" alone is a word of an author.
        if name in OWN and value:
            _take(read, name, value, label, note)
        elif label:
            read.tags.append(label)
    read.tags = list(dict.fromkeys(read.tags))
    read.covers = list(dict.fromkeys(read.covers))
    return read


def _take(read: Labels, name: str, value: str, label: str, note: Callable[[str], None]) -> None:
    if name == "tag":
        read.tags.append(value)
    elif name == "covers":
        read.covers.append(value)
    elif name == "failure" and value in KNOWN[name]:
        read.failures[value[0]] = value[2:]
    elif name != "failure" and value in KNOWN.get(name, (value,)) and not getattr(read, name):
        setattr(read, name, value)
    else:
        note(label)
        read.tags.append(label)
