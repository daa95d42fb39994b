"""Computing statistics: count, figure, store what changed, and pool the items over their editions."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base import locks, statements
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly.models import FormEdition, FormItem
from exams.attempts.models import Mode, Score
from exams.bank.models import ItemVersion
from exams.scoring import form_statistics, item_flags, item_statistics
from exams.scoring.form_statistics import ScoredItem
from exams.statistics import counting
from exams.statistics.counting import EditionCounts, EditionFigures, PositionFigures
from exams.statistics.models import EditionStatistics, ItemDecision, ItemStatistics

# The count alone may take seconds, and needs memory for what it groups by.
WORK_MEM: Final = "SET LOCAL work_mem = '64MB'"


def due(since: int) -> list[int]:
    """Return the editions of which there is a score with a higher id than `since`."""
    # From the new scores, not from the editions: each night the latter would read all scores of years.
    scores = Score.objects.filter(pk__gt=since, attempt__mode=Mode.EXAM)
    editions = scores.order_by("attempt__edition").values_list("attempt__edition", flat=True)
    return list(editions.distinct())


def newest(edition_id: int) -> EditionStatistics | None:
    """Return what was computed last of an edition, or None before the first time."""
    return EditionStatistics.objects.filter(edition_id=edition_id).order_by("-id").first()


def compute(edition_id: int) -> EditionStatistics | None:
    """Compute an edition and store what changed; return what holds now, None before the first attempt.

    Twice at once is harmless: the second finds nothing changed, or that the first has counted less.
    """
    edition = FormEdition.objects.get(pk=edition_id)
    with transaction.atomic():
        statements.run(WORK_MEM)
        # Before the lock: counting takes seconds, and only storing must not meet.
        counted = counting.count(edition)
    # Nothing is stored of nobody, so that the first row is of the first attempt.
    if counted.n == 0:
        return newest(edition_id)
    row = EditionStatistics(
        edition=edition,
        n=counted.n,
        until_score_id=counted.until_score,
        figures=counting.encode_form(_form(edition, counted)),
        items=counting.encode_items(_items(counted)),
    )
    with transaction.atomic():
        # Whoever stores reads what others stored of the same items: one at a time.
        locks.hold("exams:statistics")
        last = newest(edition_id)
        if last and not _is_news(row, last):
            return last
        row.save(force_insert=True)
        _pool([place.version_id for place in counted.places])
    return row


def _is_news(row: EditionStatistics, last: EditionStatistics) -> bool:
    # Another process has counted more meanwhile.
    if (row.until_score_id or 0) < (last.until_score_id or 0):
        return False
    return (row.n, row.figures, row.items) != (last.n, last.figures, last.items)


def _items(counted: EditionCounts) -> list[PositionFigures]:
    return [
        PositionFigures(
            place.position,
            place.version_id,
            place.counts.is_scored,
            item_statistics.analyze(place.counts, counted.totals),
        )
        for place in counted.places
    ]


def _form(edition: FormEdition, counted: EditionCounts) -> EditionFigures:
    scored = [place for place in counted.places if place.counts.is_scored]
    by_domain = {int(number): weight for number, weight in edition.weights.items()}
    weights = form_statistics.weights_of([place.domain for place in scored], by_domain)
    items = [
        ScoredItem(weight, sum(one.count for one in place.counts.patterns if one.is_right) / counted.n)
        for weight, place in zip(weights, scored, strict=True)
    ]
    scaled = defaultdict[int, int](int)
    for result in counted.results:
        scaled[result.scaled] += result.count
    return EditionFigures(
        form_statistics.analyze(counted.results, items, edition.scale), tuple(sorted(scaled.items()))
    )


def _pool(version_ids: Iterable[int]) -> None:
    """Write the figures of these versions anew, over the newest of every edition that has them."""
    ids = set(version_ids)
    editions = FormEdition.objects.filter(items__version__in=ids).values("pk")
    # Of each edition the newest alone, or attempts would count as often as they were computed.
    last = EditionStatistics.objects.filter(edition__in=editions).order_by("edition_id", "-id")
    by_version = defaultdict[int, list[item_statistics.ItemFigures]](list)
    for stored in last.distinct("edition_id").values_list("items", flat=True):
        for one in counting.decode_items(stored):
            if one.version_id in ids:
                by_version[one.version_id].append(one.figures)
    rows = [_row(version_id, item_statistics.pooled(figures)) for version_id, figures in by_version.items()]
    ItemStatistics.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["version"],
        update_fields=[
            *("computed_at", "n", "facility", "point_biserial", "discrimination", "flags", "figures")
        ],
    )


def _row(version_id: int, figures: item_statistics.ItemFigures) -> ItemStatistics:
    return ItemStatistics(
        version_id=version_id,
        computed_at=Now(),
        n=figures.n,
        facility=figures.facility,
        point_biserial=figures.point_biserial,
        discrimination=figures.discrimination,
        flags=[raised.flag.value for raised in item_flags.flags(figures)],
        figures=counting.encode(figures),
    )


MEANWHILE: Final = _("Someone else has just decided about this question. Check their decision first.")


def is_on_trial(version_id: int) -> bool:
    """Say whether a version is in a published edition without counting there."""
    places = FormItem.objects.filter(version_id=version_id, edition__published_at__isnull=False)
    return places.filter(is_scored=False).exists()


def last_decision(version_id: int) -> ItemDecision | None:
    """Return the decision that holds for a version, or None."""
    rows = ItemDecision.objects.filter(version_id=version_id).select_related("actor")
    return rows.order_by("-number").first()


def decide(*, version_id: int, kind: str, actor: User | None, reason: str) -> None:
    """Store what becomes of an item that does not count yet; audited.

    Raises Refused: counts_already, not_enough_data, decided_already, decided_meanwhile.
    """
    if not is_on_trial(version_id):
        raise Refused("counts_already", 409, _("This question already counts in every exam that it is in."))
    row = ItemStatistics.objects.filter(version_id=version_id).first()
    if row is None or not item_flags.is_enough(row.n):
        raise Refused("not_enough_data", 409, _("There isn't enough data to decide about this question."))
    before = last_decision(version_id)
    if before and before.kind == kind:
        raise Refused("decided_already", 409, _("That has already been decided."))
    # Of two at once the unique key lets one through; a look before could not.
    try:
        _store(row, kind, actor, reason, before)
    except IntegrityError:
        raise Refused("decided_meanwhile", 409, MEANWHILE) from None


def _store(
    row: ItemStatistics, kind: str, actor: User | None, reason: str, before: ItemDecision | None
) -> None:
    figures = {"n": row.n, "facility": row.facility, "point_biserial": row.point_biserial}
    proposed = item_flags.proposal(counting.decode(row.figures))
    with transaction.atomic():
        ItemDecision.objects.create(
            version_id=row.version_id,
            number=before.number + 1 if before else 1,
            kind=kind,
            proposed=proposed.value,
            figures=figures,
            reason=reason,
            actor=actor,
        )
        audit.record(
            actor=actor,
            action="decide",
            subject=ItemVersion(pk=row.version_id),
            reason=reason,
            before={"decision": before.kind} if before else {},
            after={"decision": kind, "proposed": proposed.value, **figures},
        )
