"""Everybody before every address: `cast`."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.architecture.cast import Cast, at_work


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """Everybody, once for all tests of a file."""
    yield from at_work(django_db_blocker)
