"""What was ruled, as everybody may read it: exam and question by number, what and why, how many scores.

It names no word of a question and none of its answers, since anybody may be taking it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from exams.assembly.models import FormItem
from exams.bank.models import KeyRuling
from exams.corrections.models import RulingRun

LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A question by the number of its exam and its own."""

    exam: int
    question: int


@dataclass(frozen=True, slots=True)
class Correction:
    """A ruling that was carried out. `changed` counts the scores that have another figure.

    `alone` says that it should have had a second person, and there was none.
    """

    id: int
    at: dt.datetime
    places: Sequence[Place]
    kind: str
    cause: str
    changed: int
    alone: bool = False


def corrections(code: str) -> list[Correction]:
    """Return what was ruled on questions of a certification and carried out, the newest first.

    One that was carried over to the next version is no correction of its own. Two statements.
    """
    done = KeyRuling.objects.filter(
        version__item__certification__code=code, run__finished_at__isnull=False, carried_from=None
    )
    rows = list(done.select_related("log", "run").order_by("-pk")[:LIMIT])
    places = places_of([row.version_id for row in rows])
    return [
        Correction(
            row.pk,
            row.log.at,
            places.get(row.version_id, ()),
            row.get_kind_display(),
            row.get_cause_display(),
            row.run.changed,
            row.run.second_person == RulingRun.SecondPerson.NOBODY_ELSE,
        )
        for row in rows
    ]


def places_of(version_ids: Sequence[int]) -> dict[int, list[Place]]:
    """Return where versions are, or were last, by exam and question. One statement."""
    rows = FormItem.objects.filter(version_id__in=version_ids, edition__published_at__isnull=False)
    places: dict[int, list[Place]] = {}
    # Each edition of an exam may have it in another place, and readers know the newest.
    by_exam = ("edition__form__number", "version_id")
    pairs = rows.order_by(*by_exam, "-edition__number", "position").distinct(*by_exam)
    for version_id, exam, position in pairs.values_list("version_id", "edition__form__number", "position"):
        places.setdefault(version_id, []).append(Place(exam, position))
    return places
