"""No test meets the content of another database, whatever came before it."""

import pytest

from exams.assembly import papers
from exams.assembly.papers import Allowed, Order

PAPER_ID = 1


@pytest.fixture(scope="module", autouse=True)
def _content_of_another_database() -> None:
    """Keep a paper as fixtures of modules do; where one of them fails, no test of it ends."""
    order = Order(1, "en", (1,), (), (Allowed(1, frozenset({1, 2, 3, 4})),))
    papers._orders.put(PAPER_ID, order)


def test_a_test_begins_without_what_a_fixture_of_its_module_has_kept() -> None:
    assert papers._orders.get(PAPER_ID) is None
