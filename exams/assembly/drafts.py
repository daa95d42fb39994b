"""Editions as they would be published: plain values that the assembly stores. Knows no database."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from exams.content.digest import digest_of


@dataclass(frozen=True, slots=True)
class Placed:
    """An item version at its place in a form."""

    position: int
    version_id: int
    is_scored: bool
    domain_number: int


@dataclass(frozen=True, slots=True)
class EditionDraft:
    """The parameters and items of an edition."""

    minutes: int
    pass_mark: int
    scale_min: int
    scale_max: int
    weights: Mapping[int, int]
    items: tuple[Placed, ...]

    def digest(self) -> str:
        """Return the SHA-256 by which an unchanged edition is recognized."""
        return digest_of(self._content())

    def shape(self, codes: Sequence[str]) -> str:
        """Return a SHA-256 of all but the versions, given the codes of the items in their order."""
        places = [
            [code, placed.is_scored, placed.domain_number]
            for code, placed in zip(codes, self.items, strict=True)
        ]
        return digest_of({**self._content(), "items": places})

    def _content(self) -> dict[str, Any]:
        return {**asdict(self), "weights": {str(k): v for k, v in sorted(self.weights.items())}}
