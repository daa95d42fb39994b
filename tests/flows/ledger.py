"""What must be true of an attempt, worked out again without the code of the product."""

import hashlib
from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tests.factories import DOMAINS, Form

# The form that `make_form` makes when nothing else is asked for.
DOMAIN_OF = dict(enumerate((1, 1, 2, 2, 3, 3, 3, 4), 1))
UNSCORED = {8}

type Chosen = Mapping[int, Collection[int]]


def receipt(chosen: Chosen) -> str:
    """Hash the answers by position, written out by hand; positions without a choice do not count."""
    parts = [
        f"[{position},[{','.join(str(one) for one in sorted(chosen[position]))}]]"
        for position in sorted(chosen)
        if chosen[position]
    ]
    return hashlib.sha256(f"[{','.join(parts)}]".encode()).hexdigest()


def right(form: Form, chosen: Chosen) -> set[int]:
    """Return the positions whose keys, all of them and no other, were chosen."""
    return {
        position for position, keys in form.keys.items() if sorted(chosen.get(position, ())) == sorted(keys)
    }


def score(form: Form, chosen: Chosen) -> tuple[int, int, bool]:
    """Return raw, scaled and passed of the usual form, by the definition in the architecture."""
    good = right(form, chosen) - UNSCORED
    counted = {position: domain for position, domain in DOMAIN_OF.items() if position not in UNSCORED}
    total = sum(DOMAINS[domain] for domain in set(counted.values()))
    share = Fraction(0)
    for domain in set(counted.values()):
        inside = [position for position in counted if counted[position] == domain]
        share += Fraction(DOMAINS[domain], total) * Fraction(len(good.intersection(inside)), len(inside))
    points = 100 + 900 * share
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    scaled = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return len(good), scaled, scaled >= 750
