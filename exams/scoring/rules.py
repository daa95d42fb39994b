"""From responses to a scaled score: all or nothing per item, weighted domains, one rounding at the end."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from exams.kinds.kinds import Kind

REVISION = 1
"""Which rules these are; stored with each score, raised when a rule changes."""


class NothingToScore(ValueError):
    """A form without a scored item has no score."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of a form and the scaled score that passes."""

    low: int
    high: int
    pass_mark: int


@dataclass(frozen=True, slots=True)
class Marked:
    """One item after comparing response and key."""

    position: int
    domain: int
    is_scored: bool
    is_right: bool


@dataclass(frozen=True, slots=True)
class DomainOutcome:
    """Right answers among the scored items of a domain, with the weight that it has in the form."""

    number: int
    weight: int
    correct: int
    scored: int

    @property
    def share(self) -> Fraction:
        """Share of the domain's scored items answered right, 0 to 1."""
        return Fraction(self.correct, self.scored)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an attempt. `share` is weighted, exact and lies between 0 and 1."""

    share: Fraction
    scaled: int
    passed: bool
    raw: int
    scored: int
    domains: tuple[DomainOutcome, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """What an answer is compared with: `choose` options, each among `options`; or any answer at all.

    Published, it is exactly the keys. A ruling may accept more, credit everybody, or take the item out of
    the score: it is then compared as published, and does not count.
    """

    options: frozenset[int]
    choose: int
    everybody: bool = False
    out: bool = False

    def accepts(self, selected: Collection[int]) -> bool:
        """Say whether an answer is correct: all or nothing; an empty one only where everybody is credited."""
        if self.everybody:
            return True
        return Kind.accepts(selected, self.options, self.choose)


def published_key(keys: Collection[int]) -> Key:
    """Return the key of an item on which nothing was ruled."""
    return Key(frozenset(keys), len(keys))


def half_up(value: Fraction) -> int:
    """Round to the nearest whole number, halves upwards."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def scaled(share: Fraction, scale: Scale) -> int:
    """Put a share (0 to 1) on the scale by a straight line; our estimate, the vendor's mapping is secret."""
    return half_up(scale.low + (scale.high - scale.low) * share)


def score(items: Iterable[Marked], weights: Mapping[int, int], scale: Scale) -> Outcome:
    """Score one attempt. Weights are renormalized over the domains that have scored items.

    Raises NothingToScore when no item is scored, KeyError when a scored domain has no weight.
    """
    counted = [item for item in items if item.is_scored]
    if not counted:
        raise NothingToScore("a form needs at least one scored item")
    domains = tuple(
        DomainOutcome(
            number=number,
            weight=weights[number],
            correct=sum(item.is_right for item in counted if item.domain == number),
            scored=sum(item.domain == number for item in counted),
        )
        for number in sorted({item.domain for item in counted})
    )
    total = sum(domain.weight for domain in domains)
    # Exact until the one rounding at the end: at the pass mark a float could fall on either side.
    share = sum((Fraction(domain.weight, total) * domain.share for domain in domains), Fraction(0))
    points = scaled(share, scale)
    return Outcome(
        share=share,
        scaled=points,
        passed=points >= scale.pass_mark,
        raw=sum(item.is_right for item in counted),
        scored=len(counted),
        domains=domains,
    )
