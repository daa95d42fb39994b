"""Everybody before every address: `cast`; and what the pages of the admin are about: `rows`."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.architecture.admin_rows import rows_of
from tests.architecture.cast import Cast, at_work


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """Everybody, once for all tests of a file."""
    yield from at_work(django_db_blocker)


@pytest.fixture(scope="module")
def rows(cast: Cast, django_db_blocker: DjangoDbBlocker) -> dict[str, Any]:
    """A row of each model, once for all tests of a file."""
    with django_db_blocker.unblock():
        return rows_of(cast)
