"""Reading a file of products, such as `fixtures/products.yaml`: all is right, or nothing is made of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from accounts.access.models import MONTHS_MAX, Currency, Kind

FIELDS: Final = frozenset({"slug", "kind", "codes", "months", "prices"})
SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LENGTH: Final = 60
CODE: Final = re.compile(r"[a-z]+:(\*|[a-z0-9][a-z0-9-]*)")
CODE_LENGTH: Final = 80
AMOUNT_MAX: Final = 2_147_483_647


class BadFile(ValueError):
    """The file says something that no product can be; the text says where."""


@dataclass(frozen=True, slots=True)
class Row:
    """A product as the file says it, checked. `place` counts from 1 in the order of the file."""

    place: int
    slug: str
    kind: Kind
    codes: tuple[str, ...]
    months: int
    prices: Mapping[str, int]


def read(text: str) -> list[Row]:
    """Return the products of a file. Raises BadFile with the place of the first mistake."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        raise BadFile(f"{place}{getattr(error, 'problem', None) or 'not YAML'}") from None
    if not isinstance(content, dict) or not isinstance(content.get("products"), list):
        raise BadFile("products: must be a list")
    rows = [_row(place, said) for place, said in enumerate(content["products"], 1)]
    slugs = [row.slug for row in rows]
    for row in rows:
        _need(slugs.count(row.slug) == 1, row.place, "slug", f"{row.slug!r} is there twice")
    return rows


def _need(holds: object, place: int, field: str, what: str) -> None:
    if not holds:
        raise BadFile(f"product {place}, {field}: {what}")


def _row(place: int, said: object) -> Row:
    if not isinstance(said, dict):
        raise BadFile(f"product {place}: must have fields")
    for field in sorted(FIELDS - said.keys()):
        _need(False, place, field, "is missing")
    for field in sorted(map(str, said.keys() - FIELDS)):
        _need(False, place, field, "is unknown")
    slug = said["slug"]
    good = isinstance(slug, str) and len(slug) <= SLUG_LENGTH and SLUG.fullmatch(slug)
    _need(good, place, "slug", f"must be lower-case letters, digits and hyphens, not {slug!r}")
    _need(said["kind"] in Kind.values, place, "kind", f"must be one of {', '.join(Kind.values)}")
    months = said["months"]
    _need(_whole(months, MONTHS_MAX), place, "months", f"must be 1 to {MONTHS_MAX}, not {months!r}")
    return Row(place, slug, Kind(said["kind"]), _codes(place, said["codes"]), months, _prices(place, said))


def _whole(value: object, most: int) -> bool:
    # True is an int in Python, and `months: yes` is True in YAML.
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _codes(place: int, codes: Any) -> tuple[str, ...]:  # noqa: ANN401
    _need(isinstance(codes, list) and codes, place, "codes", "must be a list of at least one")
    for code in codes:
        good = isinstance(code, str) and len(code) <= CODE_LENGTH and CODE.fullmatch(code)
        _need(good, place, "codes", f"must look like cert:mls-c01 or cert:*, not {code!r}")
    _need(len(set(codes)) == len(codes), place, "codes", "has one twice")
    return tuple(codes)


def _prices(place: int, said: Mapping[str, Any]) -> dict[str, int]:
    prices = said["prices"]
    _need(isinstance(prices, dict) and prices, place, "prices", "must have at least one currency")
    for currency, amount in prices.items():
        _need(currency in Currency.values, place, "prices", f"{currency!r} is not a currency of ours")
        good = _whole(amount, AMOUNT_MAX)
        _need(good, place, f"prices {currency}", f"must be a whole number of hundredths, not {amount!r}")
        whole_forints = currency != Currency.HUF or amount % 100 == 0
        _need(
            whole_forints, place, f"prices {currency}", f"must be whole forints in hundredths, not {amount}"
        )
    return dict(prices)
