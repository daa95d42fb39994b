"""What the log tells: retention, days of study, forecast, leeches with what teaches them."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from accounts.users.models import User
from exams.presentation.sections import Link
from flashcards.scheduling.memory import Rating
from flashcards.services import reviews
from flashcards.study.day import StudyDay, study_day
from flashcards.study.statistics import leeches, statistics
from tests.flashcards.decks import UTC, Deck, history, rate
from tests.hooked import register_too

pytestmark = pytest.mark.django_db
AGAIN, HARD, GOOD, EASY = Rating


def today_of(user: User) -> StudyDay:
    found = study_day(user, "mls-c01", UTC, granted=True)
    assert found is not None
    return found


@pytest.fixture
def _line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody teaches s3, as a line of a text would."""

    def hook(code: str, coverage: Sequence[str], language: str) -> Sequence[Link]:
        return [Link("line", f"{code} {language}", "/line/", ("s3",))] if "s3" in coverage else []

    register_too(monkeypatch, "coverage_links", hook)


def test_retention_counts_learned_cards_that_were_asked_again_and_no_undone_review(
    anna: User, bela: User, deck: Deck
) -> None:
    history(anna, deck.cards[0], [EASY, GOOD, AGAIN, GOOD], days_ago=20, apart=timedelta(days=5))
    history(anna, deck.cards[1], [EASY, GOOD], days_ago=10, apart=timedelta(minutes=1))
    history(bela, deck.cards[0], [EASY, AGAIN], days_ago=20, apart=timedelta(days=5))
    history(anna, deck.cards[2], [EASY], days_ago=5, apart=timedelta(0))
    undone = rate(anna, deck.cards[2], AGAIN)
    reviews.undo(anna, undone.review_id)
    found = statistics(anna, "mls-c01", "en", UTC)
    assert (found.asked, found.recalled) == (3, 2)
    mondays = [week.monday for week in found.weeks]
    assert mondays == sorted(mondays)
    assert all(monday.weekday() == 0 for monday in mondays)


def test_weeks_long_ago_are_left_out(anna: User, deck: Deck) -> None:
    history(anna, deck.first, [EASY, GOOD], days_ago=100, apart=timedelta(days=5))
    assert statistics(anna, "mls-c01", "en", UTC).weeks == ()


def test_the_forecast_counts_what_is_due_in_30_days(anna: User, deck: Deck) -> None:
    history(anna, deck.cards[0], [EASY], days_ago=30, apart=timedelta(0))
    rate(anna, deck.cards[1], EASY)
    found = today_of(anna).forecast()
    assert (len(found), found[0], sum(found)) == (30, 1, 2)


@pytest.mark.usefixtures("_line")
def test_leeches_come_with_the_lines_that_teach_them(anna: User, deck: Deck) -> None:
    history(anna, deck.first, [EASY] + [AGAIN, GOOD] * 9, days_ago=400, apart=timedelta(days=20))
    rate(anna, deck.cards[1])
    (found,) = leeches("mls-c01", today_of(anna), "en")
    assert (found.card_id, found.lapses, found.face.front) == (deck.first.pk, 9, "What is fact 1?")
    assert found.links == (Link("line", "mls-c01 en", "/line/", ("s3",)),)


def test_who_forgets_little_has_no_leeches(anna: User, deck: Deck) -> None:
    rate(anna, deck.first)
    assert leeches("mls-c01", today_of(anna), "en") == ()
