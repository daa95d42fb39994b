"""Editions as they would be published: plain values that the assembly stores. Knows no database."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

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
        return digest_of({**asdict(self), "weights": {str(k): v for k, v in sorted(self.weights.items())}})
