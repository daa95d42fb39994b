"""What the dashboard says of the cards that are due."""

import zoneinfo
from datetime import timedelta

import pytest
from django.utils import translation

from accounts.access import entitlements, policy
from accounts.profile import services as profiles
from accounts.users.models import User
from flashcards.models import CardState, Review
from flashcards.scheduling.memory import CURRENT, Rating
from flashcards.services import reviews, settings
from flashcards.study.day import study_day
from flashcards.web.other_pages import repetition
from tests.exams.attempts.practice import finish_exam
from tests.exams.web.test_pages import signed_in
from tests.factories import Form
from tests.flashcards import decks
from tests.flashcards.decks import history

pytestmark = pytest.mark.django_db


def test_there_is_nothing_to_repeat_without_a_deck(anna: User, form: Form) -> None:
    assert repetition(anna, "mls-c01", policy.access_of(anna, "cert:mls-c01")) is None


def test_new_cards_of_the_day_are_told(anna: User, form: Form) -> None:
    decks.make_deck(form.form.certification)
    with translation.override("en"):
        found = repetition(anna, "mls-c01", policy.access_of(anna, "cert:mls-c01"))
    assert found
    assert found.status.startswith("Today: 0 due, ")
    new = found.status.removeprefix("Today: 0 due, ")
    assert (found.due, found.title, found.address) == (0, f"{new} cards", "/mls-c01/flashcards/study/")
    assert (found.new, found.minutes, found.more) == (10, 0, None)


@pytest.mark.parametrize(("taken_ms", "minutes"), [(None, 0), (10_000, 0), (50_000, 1), (240_000, 4)])
def test_minutes_are_those_of_the_persons_own_pace_whatever_new_cards_wait(
    anna: User, form: Form, taken_ms: int | None, minutes: int
) -> None:
    deck = decks.make_deck(form.form.certification)
    history(anna, deck.first, [Rating.AGAIN], days_ago=2, apart=timedelta(0))
    for card in deck.cards[1:]:
        decks.rate(anna, card, Rating.EASY, taken_ms=taken_ms)
    CardState.objects.exclude(card=deck.first).update(introduced_at=entitlements.now() - timedelta(days=3))
    with translation.override("en"):
        found = repetition(anna, "mls-c01", policy.access_of(anna, "cert:mls-c01"))
    assert found
    assert (found.title, found.status, found.minutes) == ("1 card is due", "Today: 1 due, 0 new", minutes)


def test_a_card_is_learned_once_it_is_beyond_its_first_steps(anna: User, form: Form) -> None:
    deck = decks.make_deck(form.form.certification)
    for card, rating in zip(deck.cards, (Rating.GOOD, Rating.EASY, Rating.AGAIN), strict=False):
        decks.rate(anna, card, rating)
    with translation.override("en"):
        found = repetition(anna, "mls-c01", policy.access_of(anna, "cert:mls-c01"))
    assert found
    assert (found.learned, found.total) == (1, len(deck.cards))


def test_a_day_with_nothing_to_do_says_so(anna: User, form: Form) -> None:
    decks.make_deck(form.form.certification)
    settings.update(anna, "mls-c01", zoneinfo.ZoneInfo("UTC"), new_per_day=0)
    with translation.override("en"):
        found = repetition(anna, "mls-c01", policy.access_of(anna, "cert:mls-c01"))
    assert found
    assert (found.due, found.new, found.title) == (0, 0, "Nothing due today")
    assert (found.button, found.address) == ("All cards", "/mls-c01/flashcards/")


def test_once_today_is_done_the_home_leads_to_the_number_of_new_cards_while_some_are_left(
    anna: User, form: Form
) -> None:
    deck = decks.make_deck(form.form.certification)
    for card in deck.cards[:10]:
        decks.rate(anna, card, Rating.EASY)
    link = '<a class="button" href="/mls-c01/flashcards/settings/#id_new_per_day">New cards a day</a>'
    assert link in signed_in(anna).get("/mls-c01/").content.decode()
    for card in deck.cards[10:]:
        decks.rate(anna, card, Rating.EASY)
    assert "New cards a day" not in signed_in(anna).get("/mls-c01/").content.decode()


def test_the_cards_of_a_day_on_the_dashboard_are_those_of_the_persons_own_day(anna: User, form: Form) -> None:
    """Where it is six in the morning, twelve hours ago was yesterday; where it is evening, it was today."""
    deck = decks.make_deck(form.form.certification)
    finish_exam(anna, form)
    history(anna, deck.first, [Rating.EASY], days_ago=0, apart=timedelta(0))
    CardState.objects.update(introduced_at=entitlements.now() - timedelta(hours=12))
    found = set()
    for hour in (6, 18):
        behind = (entitlements.now().hour - hour + 12) % 24 - 12
        profiles.update(anna, time_zone=f"Etc/GMT{behind:+d}" if behind else "UTC")
        page = signed_in(anna).get("/mls-c01/").context["dashboard"]
        found.add(page.repetition.title)
    assert found == {"9 new cards", "10 new cards"}


def test_the_dashboard_names_cards_and_drills(anna: User, form: Form) -> None:
    decks.make_deck(form.form.certification)
    finish_exam(anna, form)
    page = signed_in(anna).get("/mls-c01/").content.decode()
    assert "/mls-c01/flashcards/study/" in page


def test_a_suspended_card_is_not_waited_for_by_the_first_step_of_a_course(anna: User, form: Form) -> None:
    """The welcome ticks "Learn 10 cards" once so many are learned: one that never comes up cannot be."""
    deck = decks.make_deck(form.form.certification, size=10, previews=10)
    reviews.suspend(anna, "mls-c01", deck.first.pk)
    for card in deck.cards[1:]:
        decks.rate(anna, card, Rating.EASY)
    found = repetition(anna, "mls-c01", policy.access_of(anna, "cert:mls-c01"))
    assert found
    assert found.first_learned == found.first_goal


def test_cards_that_were_learned_and_then_suspended_or_forgotten_undo_no_first_step(
    anna: User, form: Form
) -> None:
    deck = decks.make_deck(form.form.certification, size=10, previews=10)
    for card in deck.cards:
        decks.rate(anna, card, Rating.EASY)
    reviews.suspend(anna, "mls-c01", deck.first.pk)
    decks.rate(anna, deck.cards[1], Rating.AGAIN)
    found = repetition(anna, "mls-c01", policy.access_of(anna, "cert:mls-c01"))
    assert found
    assert (found.first_learned, found.first_goal, found.learned) == (10, 10, 8)


def test_the_pace_counts_days_as_the_person_does(anna: User, form: Form) -> None:
    """An evening in New York is two days of UTC, but one of its person: each card took all its ratings."""
    deck = decks.make_deck(form.form.certification)
    midnight = entitlements.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range(10):
        Review.objects.create(
            user=anna,
            card=deck.first,
            rating=Rating.GOOD,
            reviewed_at=midnight + timedelta(minutes=10 * number - 45),
            retention=0.9,
            rules=CURRENT,
            taken_ms=6000,
        )
    zone = zoneinfo.ZoneInfo("America/New_York")
    today = study_day(anna, "mls-c01", zone, granted=True)
    assert today
    assert today.seconds_a_card == pytest.approx(60)
