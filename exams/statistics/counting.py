"""From attempts to counts: one statement reads an edition, whatever the number of its attempts.

An attempt counts when it was the person's first meeting with these questions, in a timed exam that has its
score. Left out: the questions had been seen before the start, whole or in part (an earlier start that was
canceled once its paper was open, a drill, another exam); canceled and voided attempts; staff; who answered
nothing at all. Extra time counts: it is part of what the exam allows. The attempts of a person who was erased
stay: whether the questions were new was noted at their start.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from fractions import Fraction
from typing import Any, Final, NamedTuple

from accounts.base import statements
from exams.assembly.models import FormEdition, FormItem
from exams.attempts import answers, score_codec
from exams.attempts.models import State
from exams.bank.models import Option
from exams.scoring.form_statistics import Consistency, FormFigures, Result
from exams.scoring.item_statistics import ItemCounts, ItemFigures, OptionFigures, Pattern

EMPTY_RECEIPT: Final = answers.receipt({})
"""The receipt of an attempt in which nothing is answered."""


# A byte is found at once; a character of a text only by counting those before it.
_IS_RIGHT: Final = "get_byte(s.correct, {position} - 1) = ascii('1')"
# Everything of an edition by one statement, so that all of it is of one moment. The attempts are read once;
# the log of each is read by its key, sorted in memory, and reduced to the response that counts at a position:
# the highest (lease, sequence), as scoring takes it. Nothing is sorted over all attempts.
COUNT: Final = f"""
WITH attempt AS MATERIALIZED (
  SELECT a.id, a.seen_ms, s.id AS score_id, s.raw, s.scaled, s.passed,
    {score_codec.SHARE.format(result="s.result")} AS share,
    convert_to(rpad({score_codec.RIGHT.format(result="s.result")}, %(places)s, '0'), 'UTF8') AS correct
  FROM exams_attempt a
  JOIN LATERAL (SELECT id, raw, scaled, passed, result FROM exams_score
                WHERE attempt_id = a.id ORDER BY revision DESC LIMIT 1) AS s ON true
  LEFT JOIN accounts_user u ON u.id = a.user_id
  WHERE a.form_id = %(form)s AND a.edition_id = %(edition)s AND a.mode = 'exam'
    AND a.state = {State.SCORED.value} AND NOT a.seen_before AND a.seen_positions = '{{}}'
    AND a.answers_sha256 <> %(blank)s AND (u.is_staff OR u.is_superuser) IS NOT TRUE),
response AS (
  SELECT s.raw, n.position, n.selected, {_IS_RIGHT.format(position="n.position")} AS is_right,
    (greatest(n.seen_ms, s.seen_ms[n.position]) + 500) / 1000 AS seconds
  FROM attempt s CROSS JOIN LATERAL (
    SELECT DISTINCT ON (e.position) e.position, e.selected,
      max(e.seen_ms) OVER (PARTITION BY e.position ORDER BY {answers.NEWEST_FIRST}
                           ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS seen_ms
    FROM exams_answerevent e WHERE e.attempt_id = s.id
    ORDER BY e.position, {answers.NEWEST_FIRST}) AS n
  WHERE n.selected <> '{{}}')
SELECT 'result', NULL, raw, scaled, passed, share, NULL::int[], count(*), max(score_id) FROM attempt
GROUP BY raw, scaled, passed, share
UNION ALL
SELECT CASE WHEN grouping(seconds) = 0 THEN 'seconds' ELSE 'pattern' END, position, raw, seconds, is_right,
  NULL, selected, count(*), NULL
FROM response GROUP BY GROUPING SETS ((position, raw, is_right, selected), (position, seconds))
UNION ALL
SELECT 'right', p.position, s.raw, NULL, true, NULL, NULL, count(*), NULL
FROM attempt s CROSS JOIN generate_series(1, %(places)s) AS p(position)
WHERE {_IS_RIGHT.format(position="p.position")} GROUP BY p.position, s.raw
"""  # noqa: S608  (made of constants)


class CountRow(NamedTuple):
    """One count of the statement: of results, of responses, of seconds, or of who was judged correct."""

    kind: str
    position: int | None
    total: int
    number: int | None  # the scaled score, or seconds
    flag: bool
    share: str | None
    selected: list[int] | None
    attempts: int
    score_id: int | None


@dataclass(frozen=True, slots=True)
class CountedPosition:
    """A position of an edition and what was counted of it."""

    position: int
    version_id: int
    domain: int
    counts: ItemCounts


@dataclass(frozen=True, slots=True)
class EditionCounts:
    """Everything that is counted of an edition; `until_score` is the newest score among it, None without."""

    results: tuple[Result, ...]
    totals: dict[int, int]
    places: tuple[CountedPosition, ...]
    until_score: int | None

    @property
    def n(self) -> int:
        """How many attempts count."""
        return sum(self.totals.values())


def count(edition: FormEdition) -> EditionCounts:
    """Count the attempts of an edition: three statements, of which one reads the answers."""
    items = list(FormItem.objects.filter(edition=edition).order_by("position"))
    options: dict[int, list[Option]] = defaultdict(list)
    for option in Option.objects.filter(version__in=[item.version_id for item in items]).order_by("order"):
        options[option.version_id].append(option)
    rows = _rows(edition, len(items))
    results = [row for row in rows if row.kind == "result"]
    totals = Counter[int]()
    for row in results:
        totals[row.total] += row.attempts
    by_position: dict[int | None, list[CountRow]] = defaultdict(list)
    for row in rows:
        by_position[row.position].append(row)
    return EditionCounts(
        results=tuple(
            Result(row.total, Fraction(row.share or 0), row.number or 0, row.flag, row.attempts)
            for row in results
        ),
        totals=dict(totals),
        places=tuple(_place(item, options[item.version_id], by_position[item.position]) for item in items),
        until_score=max((row.score_id or 0 for row in results), default=None),
    )


def _rows(edition: FormEdition, places: int) -> list[CountRow]:
    values: dict[str, int | str] = {
        "form": edition.form_id,
        "edition": edition.pk,
        "blank": EMPTY_RECEIPT,
        "places": places,
    }
    return [CountRow(*row) for row in statements.rows(COUNT, values)]


def _place(item: FormItem, options: Iterable[Option], rows: Iterable[CountRow]) -> CountedPosition:
    patterns, seconds, credited = list[Pattern](), Counter[int](), Counter[int]()
    for row in rows:
        if row.kind == "pattern":
            patterns.append(Pattern(row.total, tuple(row.selected or ()), row.flag, row.attempts))
            credited[row.total] -= row.attempts * row.flag
        elif row.kind == "right":
            credited[row.total] += row.attempts
        elif row.number is not None:
            seconds[row.number] += row.attempts
    # Whoever was judged correct without a response: nobody by today's rules, but a score may say so.
    patterns += [Pattern(total, (), True, count) for total, count in credited.items() if count]
    own = list(options)
    return CountedPosition(
        position=item.position,
        version_id=item.version_id,
        domain=item.domain_number,
        counts=ItemCounts(
            is_scored=item.is_scored,
            keys=frozenset(option.pk for option in own if option.is_key),
            options=tuple(option.pk for option in own),
            patterns=tuple(patterns),
            seconds=dict(seconds),
        ),
    )


DECIMALS: Final = 6

type Stored = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EditionFigures:
    """Figures of an edition, and how many attempts got each score on the scale."""

    figures: FormFigures
    scaled: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class PositionFigures:
    """Figures of an item at its position."""

    position: int
    version_id: int
    is_scored: bool
    figures: ItemFigures


def _rounded(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, tuple):
        return [_rounded(part) for part in value]
    return round(value, DECIMALS) if isinstance(value, float) else value


def encode_form(form: EditionFigures) -> Stored:
    """Return what is stored of an edition."""
    figures = form.figures
    return {
        "n": figures.n,
        "items": figures.items,
        "mean": _rounded((figures.mean, figures.mean_scaled)),
        "deviation": _rounded((figures.deviation, figures.deviation_scaled)),
        "passed": _rounded(figures.passed),
        "weighted": figures.is_weighted,
        "reliability": _rounded(figures.reliability),
        "error": _rounded((figures.error, figures.error_scaled)),
        "consistency": figures.consistency and _rounded(astuple(figures.consistency)),
        "scaled": [list(pair) for pair in form.scaled],
    }


def decode_form(stored: Mapping[str, Any]) -> EditionFigures:
    """Return what stored figures of an edition say."""
    agreed = stored["consistency"]
    return EditionFigures(
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


def encode_items(items: Iterable[PositionFigures]) -> list[Stored]:
    """Return what is stored of the items of an edition, in the order given."""
    return [
        {
            "position": item.position,
            "version": item.version_id,
            "scored": item.is_scored,
            "figures": encode(item.figures),
        }
        for item in items
    ]


def decode_items(stored: Iterable[Mapping[str, Any]]) -> list[PositionFigures]:
    """Return what stored items of an edition say."""
    return [
        PositionFigures(row["position"], row["version"], row["scored"], decode(row["figures"]))
        for row in stored
    ]


# What each figure of an item is called where it is stored.
_ITEM: Final = {
    "n": "n",
    "facility": "facility",
    "rest": "point_biserial",
    "groups": "discrimination",
    "omitted": "omitted",
    "seconds": "median_seconds",
}


def encode(item: ItemFigures) -> Stored:
    """Return what is stored of an item."""
    figures = {name: _rounded(getattr(item, field)) for name, field in _ITEM.items()}
    return {**figures, "options": [[_rounded(value) for value in astuple(one)] for one in item.options]}


def decode(stored: Mapping[str, Any]) -> ItemFigures:
    """Return what stored figures of an item say."""
    figures = {field: stored[name] for name, field in _ITEM.items()}
    options = (
        OptionFigures(option, is_key, rate, tuple(shares), *others)
        for option, is_key, rate, shares, *others in stored["options"]
    )
    return ItemFigures(**figures, options=tuple(options))
