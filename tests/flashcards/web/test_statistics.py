"""The statistics of one's study: empty, drawn, in tables, and what teaches the cards that won't stay."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.access import entitlements
from accounts.users.models import User
from exams.presentation.sections import Link
from flashcards.models import Review
from flashcards.scheduling.memory import Rating
from flashcards.services import reviews
from flashcards.study import charts
from flashcards.study.statistics import statistics
from tests.flashcards.decks import UTC, Deck, history
from tests.flashcards.web.test_study import text
from tests.hooked import register_too

pytestmark = pytest.mark.django_db

PATH = "/mls-c01/flashcards/statistics/"
FORGETFUL = [Rating.EASY] + [Rating.AGAIN, Rating.GOOD] * 8


@pytest.fixture
def page(client: Client, anna: User, deck: Deck) -> Client:
    """Anna's browser."""
    client.force_login(anna)
    return client


def test_without_a_review_there_is_nothing_to_show(page: Client) -> None:
    shown = text(page.get(PATH))
    assert "Nothing to show yet" in shown
    assert "<svg height" not in page.get(PATH).content.decode()
    assert "Még nincs mit mutatni" in text(page.get(f"/hu{PATH}"))


def test_a_certification_without_cards_is_a_404(client: Client, anna: User) -> None:
    client.force_login(anna)
    assert client.get(PATH).status_code == 404


def test_the_forecast_counts_what_comes_back(page: Client, anna: User, deck: Deck) -> None:
    for card in deck.cards[:3]:
        history(anna, card, [Rating.EASY], days_ago=0, apart=timedelta(0))
    found = statistics(anna, "mls-c01", "en", UTC)
    assert (found.begun, found.learned, sum(found.forecast)) == (3, 3, 3)
    day = next(number for number, count in enumerate(found.forecast) if count)
    html = page.get(PATH).content.decode()
    assert html.count('<rect class="you"') == sum(count > 0 for count in found.forecast)
    due = entitlements.now().date() + timedelta(days=day)
    assert f"{due:%B} {due.day} {found.forecast[day]}" in text(page.get(PATH))
    assert "3 of 12" in text(page.get(PATH))


def test_retention_counts_reviews_a_day_apart_by_week_and_none_that_were_undone(
    anna: User, bela: User, deck: Deck
) -> None:
    history(anna, deck.cards[0], [Rating.EASY, Rating.GOOD], days_ago=20, apart=timedelta(days=19))
    history(anna, deck.cards[1], [Rating.EASY, Rating.AGAIN], days_ago=20, apart=timedelta(days=19))
    history(anna, deck.cards[2], [Rating.EASY, Rating.GOOD], days_ago=3, apart=timedelta(minutes=9))
    history(anna, deck.cards[3], [Rating.EASY, Rating.GOOD], days_ago=120, apart=timedelta(days=10))
    history(bela, deck.cards[0], [Rating.EASY, Rating.AGAIN], days_ago=20, apart=timedelta(days=19))
    found = statistics(anna, "mls-c01", "en", UTC)
    (week,) = found.weeks
    assert (week.asked, week.recalled, week.share) == (2, 1, 0.5)
    yesterday = entitlements.now().date() - timedelta(days=1)
    assert week.monday == yesterday - timedelta(days=yesterday.weekday())
    assert week.place in (10, 11)
    last = Review.objects.filter(user=anna, card=deck.cards[1]).latest("pk")
    reviews.undo(anna, last.pk)
    (week,) = statistics(anna, "mls-c01", "en", UTC).weeks
    assert (week.asked, week.recalled) == (1, 1)


def test_the_graph_has_a_table_beside_it(page: Client, anna: User, deck: Deck) -> None:
    history(anna, deck.cards[0], [Rating.EASY, Rating.GOOD], days_ago=20, apart=timedelta(days=19))
    reply = page.get(PATH)
    assert reply.content.decode().count('<circle class="you"') == 1
    assert "Week of Reviews Remembered" in text(reply)
    assert "1 100%" in text(reply)
    assert "90%" in text(reply)


def test_a_leech_is_listed_with_the_lines_that_teach_it(
    page: Client, anna: User, deck: Deck, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def lines(code: str, coverage: object, language: str) -> list[Link]:
        asked.append((code, coverage, language))
        return [Link("line", "Storage classes", "/mls-c01/sheet/#s3", ("s3",))]

    register_too(monkeypatch, "coverage_links", lines)
    history(anna, deck.first, FORGETFUL, days_ago=400, apart=timedelta(days=20))
    history(anna, deck.cards[1], FORGETFUL[:-2], days_ago=400, apart=timedelta(days=20))
    reply = page.get(PATH)
    shown = text(reply)
    assert asked == [("mls-c01", ["s3"], "en")]
    assert "forgotten 8 times" in shown
    assert "What is fact 1?" in shown
    assert "What is fact 2?" not in shown
    assert "Read more: Storage classes" in shown
    assert '<a href="/mls-c01/sheet/#s3">' in reply.content.decode()
    # A card that teaches the same is no reading.
    assert shown.count("What is fact") == 1


def test_columns_are_as_high_as_their_numbers() -> None:
    drawn = charts.columns([0, 5, 10, 1000])
    heights = [column.height for column in drawn.columns]
    assert (drawn.most, heights) == (1000, [0, 2, 2, charts.BOTTOM - charts.TOP])
    assert all(column.y + column.height == charts.BOTTOM for column in drawn.columns)
    assert charts.columns([0] * 30).most == 1


@pytest.mark.parametrize(("shares", "low"), [([(0, 0.5), (3, 1.0)], 0.5), ([(0, 0.2), (3, 0.9)], 0.0)])
def test_the_scale_of_a_curve_begins_at_a_half_unless_a_share_is_below(
    shares: list[tuple[int, float]], low: float
) -> None:
    drawn = charts.curve(shares, 12, 0.9)
    assert drawn.low == low
    assert [dot.y for dot in drawn.dots] == [
        round(charts.BOTTOM - (share - low) / (1 - low) * (charts.BOTTOM - charts.TOP)) for _, share in shares
    ]
    assert len(drawn.courses) == 1
    assert charts.curve([(0, 1.0)], 12, 1.0).dots[0].y == charts.TOP
