"""The cache in the database: of many who add at once one does."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.cache import cache
from django.db import DataError, connection, connections, transaction

pytestmark = pytest.mark.django_db


def test_what_is_set_replaces_what_was_there_and_goes_in_its_time() -> None:
    cache.set("one", "first", 900)
    cache.set("one", {"second": 2}, 900)
    assert cache.get("one") == {"second": 2}
    cache.set("one", "third", 0)
    assert cache.get("one") is None
    cache.set("one", "fourth", -60)
    assert cache.get("one") is None
    cache.set("for good", 1, None)
    assert cache.get("for good") == 1


def test_what_lives_is_not_added_again_and_what_expired_is() -> None:
    assert cache.add("one", 1, 900)
    assert not cache.add("one", 2, 900)
    assert cache.get("one") == 1
    cache.set("one", 1, -60)
    assert cache.add("one", 2, 900)
    assert cache.get("one") == 2


def test_what_is_touched_stays_longer() -> None:
    assert not cache.touch("absent", 900)
    cache.set("one", 1, 10)
    assert cache.touch("one", 900)
    with connection.cursor() as cursor:
        cursor.execute("SELECT expires > statement_timestamp() + interval '800 seconds' FROM cache")
        assert cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_add_at_once_one_does() -> None:
    start = Barrier(8)

    def add(number: int) -> bool:
        start.wait()
        try:
            return cache.add("one", number, 900)
        finally:
            connections.close_all()

    for before in (None, -60):
        cache.clear()
        if before is not None:
            cache.set("one", "expired", before)
        with ThreadPoolExecutor(8) as pool:
            added = list(pool.map(add, range(8)))
        assert sum(added) == 1
        assert cache.get("one") == added.index(True)


def test_a_row_that_cannot_be_written_is_a_fault_and_no_silent_miss() -> None:
    with pytest.raises(DataError), transaction.atomic():
        cache.set("x" * 300, 1, 900)
