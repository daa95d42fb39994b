"""What a Score row holds beside its figures, as a value and as the JSON that is stored.

The keys are short and the lists positional because a row is written for each attempt and read on every
result page; nobody but this module knows them. Rows that were stored once are read for ever: a new field
gets a default here.
"""

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any, Final

from exams.scoring import rules

RIGHT: Final = "({result} ->> 'right')"
"""A digit for each position, 1 where it was correct, as SQL over the column of a score."""
RIGHT_AT: Final = "(substr({result} ->> 'right', {position}, 1) = '1')"
"""Whether the item at a position was correct, as SQL over the column of a score and a position."""
SHARE: Final = "({result} ->> 'share')"
"""The weighted share as a fraction in words, as SQL over the column of a score."""
ANSWERED: Final = "({result} ->> 'answered')::int"
"""How many positions had an answer, as SQL over the same. NULL in scores stored before it was counted."""
OUT_AT: Final = "coalesce({result} -> 'out' @> to_jsonb({position}::int), false)"
"""Whether a ruling took the item at a position out of this score, as SQL over the same."""


@dataclass(frozen=True, slots=True)
class StoredDomain:
    """A domain of the edition with scored items: its weight in percent and how many were correct."""

    number: int
    weight: int
    correct: int
    scored: int


@dataclass(frozen=True, slots=True)
class StoredResult:
    """The weighted share as an exact fraction, the band on the scale, a digit an item.

    `out` are the positions that rulings took out of the score. `answered` is how many had an answer, None in
    rows of before it was stored: lists would count the answers of each exam. `chance` is for the version
    before 1.0.0, which reads no score without it; nobody else does.
    """

    share: str
    scored: int
    band_low: int
    band_high: int
    domains: tuple[StoredDomain, ...]
    right: str
    out: tuple[int, ...] = ()
    chance: float = 0.0
    answered: int | None = None


def encode(result: StoredResult) -> dict[str, Any]:
    """Return what is stored in `Score.result`."""
    return {
        "share": result.share,
        "scored": result.scored,
        "band": [result.band_low, result.band_high],
        "domains": [[one.number, one.weight, one.correct, one.scored] for one in result.domains],
        "right": result.right,
        "chance": result.chance,
        "answered": result.answered,
        **({"out": list(result.out)} if result.out else {}),
    }


def decode(stored: Mapping[str, Any] | str) -> StoredResult:
    """Return what a stored result says; a raw cursor hands it out as text."""
    fields: Mapping[str, Any] = json.loads(stored) if isinstance(stored, str) else stored
    low, high = fields["band"]
    return StoredResult(
        share=fields["share"],
        scored=fields["scored"],
        band_low=low,
        band_high=high,
        domains=tuple(StoredDomain(*one) for one in fields["domains"]),
        right=fields["right"],
        out=tuple(fields.get("out", ())),
        chance=fields.get("chance", 0.0),
        answered=fields.get("answered"),
    )


@dataclass(frozen=True, slots=True)
class StoredEstimate:
    """Where a check puts a person on the scale of the exam: the score, its band, and the scale as it was."""

    scaled: int
    band_low: int
    band_high: int
    low: int
    high: int
    pass_mark: int

    @property
    def scale(self) -> rules.Scale:
        """The scale."""
        return rules.Scale(self.low, self.high, self.pass_mark)


@dataclass(frozen=True, slots=True)
class StoredDrill:
    """What a Score row of a drill holds: the share as an exact fraction of its questions, a digit an item.

    `estimate` is what a check adds.
    """

    share: str
    scored: int
    right: str
    estimate: StoredEstimate | None = None


def encode_drill(result: StoredDrill) -> dict[str, Any]:
    """Return what is stored in `Score.result` of a drill: it has no domains, and a scale in a check alone."""
    estimate = {"estimate": list(astuple(result.estimate))} if result.estimate else {}
    return {"share": result.share, "scored": result.scored, "right": result.right, **estimate}


def decode_drill(stored: Mapping[str, Any] | str) -> StoredDrill:
    """Return what the stored result of a drill says."""
    fields: Mapping[str, Any] = json.loads(stored) if isinstance(stored, str) else stored
    estimate = StoredEstimate(*fields["estimate"]) if "estimate" in fields else None
    return StoredDrill(fields["share"], fields["scored"], fields["right"], estimate)
