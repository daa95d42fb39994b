"""An exam date and a suspended card, set and removed on another device while this one sets it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection

from accounts.users.models import User
from exams.catalog.models import Certification
from exams.insights import exam_dates
from exams.insights.models import ExamDate
from flashcards.models import SuspendedCard
from flashcards.services import reviews
from tests import factories
from tests.flashcards import decks
from tests.flows.crew import Crew

pytestmark = pytest.mark.django_db(transaction=True)
CODE = "mls-c01"
TODAY = dt.date(2026, 11, 26)


def fails_for_nobody(table: str, put: Callable[[], Any], clear: Callable[[], Any]) -> None:
    """Put while another device does just before the row is stored, and removes it if that fails."""
    with Crew(1) as other:

        def between(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            if not sql.startswith(f'INSERT INTO "{table}"'):
                return execute(sql, *rest)
            assert other.together([put]) == [None]
            try:
                return execute(sql, *rest)
            except IntegrityError:
                other.together([clear])
                raise

        with connection.execute_wrapper(between):
            put()


def test_a_date_set_and_removed_on_another_device_fails_for_nobody(anna: User) -> None:
    factories.make_certification()
    Certification.objects.update(retired_on=None)
    fails_for_nobody(
        ExamDate._meta.db_table,
        lambda: exam_dates.set_to(anna, CODE, TODAY, TODAY),
        lambda: exam_dates.clear(anna, CODE),
    )
    assert ExamDate.objects.get().day == TODAY


def test_a_card_suspended_and_resumed_on_another_device_fails_for_nobody(anna: User) -> None:
    card = decks.make_deck(factories.make_certification(), size=1, previews=1).first
    fails_for_nobody(
        SuspendedCard._meta.db_table,
        lambda: reviews.suspend(anna, CODE, card.pk),
        lambda: reviews.unsuspend(anna, CODE, card.pk),
    )
    assert SuspendedCard.objects.get().card == card
