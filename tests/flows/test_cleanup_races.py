"""The nightly cleaning: twice at once, killed in the middle, and with a table that cannot be cleaned."""

import logging
from functools import partial
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.db.models import Func, QuerySet

from accounts.privacy import cleanup
from tests.flows.crew import parallel

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 1200


def fill() -> None:
    """Make expired sessions and rows of the cache, in no order of their keys."""
    cache.clear()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_session SELECT md5(g::text), '', statement_timestamp() - interval '1 day'"
            " FROM generate_series(1, %s) g",
            [ROWS],
        )
        cursor.execute(
            "INSERT INTO cache SELECT md5(g::text), '', statement_timestamp() - interval '1 day'"
            " FROM generate_series(1, %s) g",
            [ROWS],
        )


def left() -> int:
    """Return how many expired rows are left."""
    due = cleanup.due()
    return due["sessions"] + due["cache rows"]


def test_two_that_clean_at_once_delete_each_row_once_and_neither_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cleanup, "BATCH", 50)
    for _ in range(3):
        fill()
        done = parallel(3, cleanup.clean)
        assert all(isinstance(one, dict) for one in done), done
        assert left() == 0
        assert sum(one["sessions"] for one in done) == ROWS
        assert sum(one["cache rows"] for one in done) == ROWS


def test_what_was_deleted_before_a_crash_stays_deleted_and_the_next_night_does_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cleanup, "BATCH", 100)
    fill()
    delete, batches = cleanup._delete_batch, iter(range(3))

    def dies(rows: QuerySet[Any]) -> int:
        if next(batches, None) is None:
            raise KeyboardInterrupt
        return delete(rows)

    with monkeypatch.context() as during, pytest.raises(KeyboardInterrupt):
        during.setattr(cleanup, "_delete_batch", dies)
        cleanup.clean()
    assert left() == 2 * ROWS - 300
    cache.set("kept", 1, 900)
    cleanup.clean()
    assert left() == 0
    assert cache.get("kept") == 1


def test_a_table_that_cannot_be_cleaned_keeps_no_other_from_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Or one that fails every night would let addresses of people pile up in all that come after it."""
    fill()
    broken = Session.objects.filter(expire_date__lt=Func(function="no_such"))
    steps = cleanup._steps() | {"sessions": cleanup.Step(broken.count, partial(cleanup._delete, broken))}
    monkeypatch.setattr(cleanup, "_steps", lambda: steps)
    with caplog.at_level(logging.ERROR), pytest.raises(cleanup.NotCleaned) as failed:
        cleanup.clean()
    assert str(failed.value) == "sessions"
    assert "could not be cleaned" in caplog.text
    assert steps["cache rows"].due() == 0
    assert Session.objects.count() == ROWS
