"""Figures as values and as stored JSON, rounded to six places. Only this module knows its keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from exams.scoring.form_statistics import Consistency, FormFigures
from exams.scoring.item_statistics import ItemFigures, OptionFigures

PLACES: Final = 6

type Stored = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """Figures of an edition, and how many sittings got each score on the scale."""

    figures: FormFigures
    scaled: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """Figures of an item at its position."""

    position: int
    version_id: int
    is_scored: bool
    figures: ItemFigures


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, PLACES)


def encode_form(form: Form) -> Stored:
    """Return what is stored of an edition."""
    found = form.figures
    agreed = found.consistency
    return {
        "n": found.n,
        "items": found.items,
        "mean": [_rounded(found.mean), _rounded(found.mean_scaled)],
        "deviation": [_rounded(found.deviation), _rounded(found.deviation_scaled)],
        "passed": _rounded(found.passed),
        "weighted": found.is_weighted,
        "reliability": _rounded(found.reliability),
        "error": [_rounded(found.error), _rounded(found.error_scaled)],
        "consistency": agreed and [_rounded(agreed.agreement), _rounded(agreed.kappa)],
        "scaled": [list(one) for one in form.scaled],
    }


def decode_form(stored: Mapping[str, Any]) -> Form:
    """Return what stored figures of an edition say."""
    agreed = stored["consistency"]
    return Form(
        FormFigures(
            n=stored["n"],
            items=stored["items"],
            mean=stored["mean"][0],
            deviation=stored["deviation"][0],
            mean_scaled=stored["mean"][1],
            deviation_scaled=stored["deviation"][1],
            passed=stored["passed"],
            is_weighted=stored["weighted"],
            reliability=stored["reliability"],
            error=stored["error"][0],
            error_scaled=stored["error"][1],
            consistency=Consistency(*agreed) if agreed else None,
        ),
        tuple((score, count) for score, count in stored["scaled"]),
    )


def encode_items(items: Iterable[Item]) -> list[Stored]:
    """Return what is stored of the items of an edition, in the order given."""
    return [
        {
            "position": one.position,
            "version": one.version_id,
            "scored": one.is_scored,
            "figures": encode(one.figures),
        }
        for one in items
    ]


def decode_items(stored: Iterable[Mapping[str, Any]]) -> list[Item]:
    """Return what stored items of an edition say."""
    return [Item(one["position"], one["version"], one["scored"], decode(one["figures"])) for one in stored]


def encode(item: ItemFigures) -> Stored:
    """Return what is stored of an item."""
    return {
        "n": item.n,
        "facility": _rounded(item.facility),
        "rest": _rounded(item.point_biserial),
        "groups": _rounded(item.discrimination),
        "omitted": _rounded(item.omitted),
        "seconds": item.median_seconds,
        "options": [
            [
                one.option,
                one.is_key,
                _rounded(one.rate),
                [_rounded(share) for share in one.by_quartile],
                _rounded(one.point_biserial),
                _rounded(one.discrimination),
            ]
            for one in item.options
        ],
    }


def decode(stored: Mapping[str, Any]) -> ItemFigures:
    """Return what stored figures of an item say."""
    return ItemFigures(
        n=stored["n"],
        facility=stored["facility"],
        point_biserial=stored["rest"],
        discrimination=stored["groups"],
        omitted=stored["omitted"],
        median_seconds=stored["seconds"],
        options=tuple(
            OptionFigures(option, is_key, rate, tuple(shares), rest, groups)
            for option, is_key, rate, shares, rest, groups in stored["options"]
        ),
    )
