"""For races: many starts a day, and scoring that is only written down."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import override_settings

from exams.attempts import grading


@pytest.fixture(autouse=True)
def _many_starts() -> Iterator[None]:
    with override_settings(EXAM_STARTS_PER_DAY=100_000, DRILL_STARTS_PER_DAY=100_000):
        yield


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The attempts that would have been scored after their close, in order."""
    sent: list[UUID] = []
    monkeypatch.setattr(grading, "score_at_once", sent.append)
    monkeypatch.setattr(grading, "enqueue_score", sent.append)
    return sent
