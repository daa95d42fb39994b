"""What a certification asks of its questions. What a profile leaves out is as usual: as AWS does it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from exams.kinds.kinds import KINDS

PARTS: Final = ("references", "principle", "tip", "rationale")
"""The parts of a question that a certification may do without."""
RULES: Final = ("V02", "V06", "V07", "V08", "V09", "V16", "V17", "V24", "V25", "V26")
"""Codes of the rules of which a certification says whether they block; all others advise."""
BLOCKING: Final = ("V02", "V06", "V07", "V16", "V17", "V24", "V25", "V26")
"""Those that the guide for writers states without exception."""
MOST_OPTIONS: Final = 6
SHAPE: Final = re.compile(r"([1-9]) of ([1-9])")


def shapes(line: str) -> dict[int, tuple[int, ...]] | None:
    """Return how many options there may be by how many are correct; None where the line cannot be read.

    `2 of 5, 3 of 6` is {2: (5,), 3: (6,)}.
    """
    sizes: dict[int, tuple[int, ...]] = {}
    for part in line.split(","):
        shape = SHAPE.fullmatch(part.strip())
        if shape is None or not int(shape[1]) < int(shape[2]) <= MOST_OPTIONS:
            return None
        sizes[int(shape[1])] = (*sizes.get(int(shape[1]), ()), int(shape[2]))
    return sizes


def is_readable(kind: str, line: str) -> bool:
    """Tell whether a line says how many options questions of a kind have."""
    sizes = shapes(line)
    return sizes is not None and all(map(KINDS[kind].takes, sizes))


@dataclass(frozen=True, slots=True)
class Profile:
    """What questions of a certification are like.

    `options` says by kind how many options there are; a kind that is not in it is not used. `endings` are
    those of the question by language, the first for one correct option, the second for two: none where any
    will do, those of the language where it is not in it. `negative` questions may ask for what is NOT so.
    """

    options: Mapping[str, str] = field(
        default_factory=lambda: {"single": "1 of 4", "multiple": "2 of 5, 3 of 6"}
    )
    endings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    negative: bool = False
    blocking: tuple[str, ...] = BLOCKING
    required: tuple[str, ...] = PARTS

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Profile":
        """Return what `stored` says, as JSON holds it, without names of rules and parts that are no more."""
        known = {one.name: stored[one.name] for one in fields(cls) if one.name in stored}
        for name, names in (("blocking", RULES), ("required", PARTS)):
            if name in known:
                known[name] = tuple(one for one in known[name] if one in names)
        if "endings" in known:
            known["endings"] = {language: tuple(lines) for language, lines in known["endings"].items()}
        return cls(**known)

    def stored(self) -> dict[str, Any]:
        """Return what is not as usual, as JSON and files hold it: nothing of the usual profile."""
        return {name: value for name, value in self._values() if value != dict(_USUAL)[name]}

    def _values(self) -> Iterator[tuple[str, Any]]:
        yield "options", dict(self.options)
        yield "endings", {language: list(lines) for language, lines in self.endings.items()}
        yield "negative", self.negative
        yield "blocking", sorted(self.blocking)
        yield "required", [name for name in PARTS if name in self.required]

    def counts(self, kind: str, choose: int) -> tuple[int, ...]:
        """Return how many options a question may have; nothing where that is not said of so many keys."""
        return (shapes(self.options.get(kind, "")) or {}).get(choose, ())


_USUAL: Final = tuple(Profile()._values())
