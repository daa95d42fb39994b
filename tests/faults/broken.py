"""Faults that a process puts into itself when the environment says so. Product code knows nothing of this.

`FAULTS_PAUSES`: `<attempt>=<point>,...`, each point once: it makes a file `<attempt>.paused` in
`FAULTS_FOLDER` and waits to be killed. Points: before_claim, after_claim, in_transaction, after_commit.
`FAULTS_POISON`: an attempt whose scoring ends the process. `FAULTS_UNCOUNTED=1`: tries are not counted.
`FAULTS_TRIES`: how many there are, because Celery takes 5 s to notice a dead child.
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from exams.attempts import grading, sweeps  # noqa: E402
from exams.attempts.answers import Chosen  # noqa: E402
from exams.attempts.models import Attempt, Score  # noqa: E402

EXIT_CODE = 9
PAUSE_SECONDS = 60
FOLDER = Path(os.environ.get("FAULTS_FOLDER", "."))
PAUSES = dict(part.split("=") for part in os.environ.get("FAULTS_PAUSES", "").split(",") if part)
POISON = os.environ.get("FAULTS_POISON", "")

claim, row, grade_all = grading.claim, grading._row, grading.grade_all


def _pause(attempt_id: UUID, point: str) -> None:
    flag = FOLDER / f"{attempt_id}.paused"
    if PAUSES.get(str(attempt_id)) == point and not flag.exists():
        flag.touch()
        time.sleep(PAUSE_SECONDS)


def pausing_claim(attempt_ids: Sequence[UUID]) -> list[UUID]:
    """Claim, with a point before and one after."""
    for attempt_id in attempt_ids:
        _pause(attempt_id, "before_claim")
    claimed = claim(attempt_ids)
    for attempt_id in attempt_ids:
        _pause(attempt_id, "after_claim")
    return claimed


def pausing_row(attempt: Attempt, chosen: Chosen, until: int | None = None, revision: int = 1) -> Score:
    """Compute a score inside of its transaction, or die of it."""
    if str(attempt.pk) == POISON:
        os._exit(EXIT_CODE)
    _pause(attempt.pk, "in_transaction")
    return row(attempt, chosen, until, revision)


def pausing_grade_all(attempt_ids: Sequence[UUID], *, wait: bool = False) -> int:
    """Score, with a point after the commit."""
    count = grade_all(attempt_ids, wait=wait)
    for attempt_id in attempt_ids:
        _pause(attempt_id, "after_commit")
    return count


grading.claim = pausing_claim
grading._row = pausing_row
grading.grade_all = pausing_grade_all
if os.environ.get("FAULTS_UNCOUNTED"):
    sweeps.TAKE = "SELECT id FROM exams_attempt WHERE {which} ORDER BY {first} LIMIT %s"
if os.environ.get("FAULTS_TRIES"):
    fewer = f"score_tries + 1 >= {int(os.environ['FAULTS_TRIES'])}"
    grading.CLAIM = grading.CLAIM.replace(f"score_tries + 1 >= {grading.MAX_TRIES}", fewer)

__all__ = ["EXIT_CODE", "sweeps"]
