"""The study page, without and with its script: rate, undo, refusals."""

import html
import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from accounts.access import entitlements
from accounts.profile import services as profiles
from accounts.users.models import User
from exams.catalog.models import Certification
from exams.insights import exam_dates
from exams.presentation.sections import Link
from flashcards.models import Card, CardState, Review, StudySettings, SuspendedCard
from flashcards.scheduling.memory import Rating
from flashcards.services import own
from tests import factories
from tests.accounts.selling import sell
from tests.flashcards.decks import Deck, history, rate
from tests.hooked import register_too

pytestmark = pytest.mark.django_db

PATH = "/mls-c01/flashcards/study/"
WEEKS = timedelta(days=20)
PART = {"HX-Request": "true"}


@pytest.fixture
def page(client: Client, anna: User, deck: Deck) -> Client:
    """Anna's browser."""
    client.force_login(anna)
    return client


def text(reply: Any) -> str:
    """What a reader of a page sees."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", reply.content.decode())).split())


def fields(reply: Any) -> dict[str, str]:
    """The hidden fields of the form of ratings."""
    return dict(
        re.findall(r'<input type="hidden" name="(card|number)" value="(\d+)">', reply.content.decode())
    )


def undo_of(reply: Any) -> str:
    found = re.search(r'name="undo" value="(\d+)"', reply.content.decode())
    return found[1] if found else ""


def test_the_page_shows_a_card_its_answer_and_what_each_rating_does(page: Client) -> None:
    reply = page.get(PATH)
    shown = text(reply)
    assert reply.status_code == 200
    for words in (
        "Left today: 0 due, 10 new",
        "0 of 10 seen today",
        "Domain 1: Domain 1",
        "What is fact 1?",
        "It is 1.",
        "Trap: Not 0.",
        "Again 1 min Hard 6 min Good 10 min Easy ",
    ):
        assert words in shown, words
    # The last one is spread by the number of the card.
    assert re.search(r"Easy ([6-9]|10) days", shown)


def test_a_card_is_studied_without_its_topics_and_the_foot_names_the_vendor(page: Client) -> None:
    shown = text(page.get(PATH))
    assert "topic 1" not in shown
    assert "affiliated with Amazon Web Services" in shown


def test_a_rating_leads_to_the_next_card_without_a_script(page: Client) -> None:
    first = page.get(PATH)
    reply = page.post(PATH, {**fields(first), "rating": "4", "taken": "2500"})
    assert (reply.status_code, reply.headers["Location"]) == (302, PATH)
    row = Review.objects.get()
    assert (row.rating, row.taken_ms) == (4, 2500)
    second = page.get(PATH)
    assert fields(second)["card"] != fields(first)["card"]
    assert "1 of 10 seen today" in text(second)
    assert "Left today: 0 due, 9 new" in text(second)


def test_with_the_script_the_reply_is_the_next_card_alone(page: Client) -> None:
    reply = page.post(PATH, {**fields(page.get(PATH)), "rating": "3"}, headers=PART)
    assert reply.status_code == 200
    assert "<html" not in reply.content.decode()
    assert 'id="study"' in reply.content.decode()
    assert "What is fact 2?" in text(reply)


def test_an_undo_brings_the_card_back(page: Client, deck: Deck) -> None:
    assert undo_of(page.get(PATH)) == ""
    first = fields(page.get(PATH))
    page.post(PATH, {**first, "rating": "4"})
    reply = page.post(PATH, {"undo": undo_of(page.get(PATH))})
    assert reply.status_code == 302
    assert fields(page.get(PATH)) == first
    assert not CardState.objects.exists()
    assert undo_of(page.get(PATH)) == ""


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_button_pressed_twice_counts_once_and_shows_the_next_card(
    page: Client, headers: dict[str, str]
) -> None:
    sent = {**fields(page.get(PATH)), "rating": "3"}
    page.post(PATH, sent, headers=headers)
    reply = page.post(PATH, sent, headers=headers)
    assert reply.status_code == 409
    assert "You've already rated this card." in text(reply)
    assert "What is fact 2?" in text(reply)
    assert Review.objects.count() == 1


@pytest.mark.parametrize("rating", ["0", "5", "", "good", "-1", "9" * 40])
def test_a_rating_that_does_not_exist_is_refused_in_words(page: Client, rating: str) -> None:
    reply = page.post(PATH, {**fields(page.get(PATH)), "rating": rating})
    assert reply.status_code == 422
    assert "Rate the card from 1 (Again) to 4 (Easy)." in text(reply)
    assert "What is fact 1?" in text(reply)
    assert not Review.objects.exists()


@pytest.mark.parametrize("field", ["card", "number"])
def test_a_form_that_lost_a_field_stores_nothing(page: Client, field: str) -> None:
    sent = {**fields(page.get(PATH)), "rating": "3"}
    del sent[field]
    assert page.post(PATH, sent).status_code in {404, 409}
    assert not Review.objects.exists()


def test_an_undo_of_nothing_and_of_anothers_review_is_a_404(page: Client, bela: User, deck: Deck) -> None:
    made = rate(bela, deck.first)
    for review_id in ("", "x", "7" * 30, str(made.review_id)):
        assert page.post(PATH, {"undo": review_id}).status_code == 404
    assert Review.objects.count() == 1


def test_without_access_only_the_preview_is_studied(client: Client, stranger: User, deck: Deck) -> None:
    client.force_login(stranger)
    assert "0 of 2 seen" in text(client.get(PATH))
    reply = client.post(PATH, {"card": str(deck.locked.pk), "number": "1", "rating": "3"})
    assert reply.status_code == 403
    assert "This card is locked." in text(reply)
    assert not Review.objects.exists()
    for card in deck.cards[:2]:
        rate(stranger, card, Rating.EASY)
    assert "2 of 12 cards are open to you." in text(client.get(PATH))


def test_the_end_of_the_preview_has_one_first_button_and_that_is_what_is_free_next(
    client: Client, bela: User, deck: Deck
) -> None:
    sell()
    client.force_login(bela)
    for card in deck.cards[:2]:
        rate(bela, card, Rating.EASY)

    def first_buttons() -> list[str]:
        return re.findall(r'class="button primary"[^>]*>([^<]+)<', client.get(PATH).content.decode())

    assert first_buttons() == ["Unlock full access"]
    factories.make_sample(deck.certification)
    assert first_buttons() == ["Try 10 questions first"]


def test_a_certification_without_cards_is_a_404(client: Client, anna: User, certification: Any) -> None:
    client.force_login(anna)
    assert client.get(PATH).status_code == 404
    assert client.get("/none/flashcards/study/").status_code == 404


def test_nobody_is_led_to_sign_in_and_back(client: Client, deck: Deck) -> None:
    for reply in (client.get(PATH), client.post(PATH, {"rating": "3"})):
        assert reply.headers["Location"] == f"/accounts/login/?next={PATH}"
    reply = client.post(PATH, {"rating": "3"}, headers=PART)
    assert (reply.status_code, reply.headers["HX-Redirect"]) == (204, f"/accounts/login/?next={PATH}")


def test_the_end_of_the_day_says_what_was_done_and_what_comes(page: Client, anna: User, deck: Deck) -> None:
    StudySettings.objects.create(user=anna, certification=deck.certification, new_per_day=2)
    rate(anna, deck.cards[0], Rating.EASY)
    rate(anna, deck.cards[1], Rating.EASY)
    shown = text(page.get(PATH))
    assert "Done for today You've studied 2 cards today. Tomorrow: 2 new Back to MLS-C01" in shown
    assert undo_of(page.get(PATH))
    assert "New cards a day" in shown
    for card in deck.cards[2:]:
        rate(anna, card, Rating.EASY)
    assert "New cards a day" not in text(page.get(PATH))
    assert "New cards a day" not in text(page.get("/mls-c01/flashcards/"))


def test_a_step_of_minutes_is_shown_at_once_when_nothing_else_is_left(
    page: Client, anna: User, deck: Deck
) -> None:
    StudySettings.objects.create(user=anna, certification=deck.certification, new_per_day=1)
    rate(anna, deck.first)
    shown = text(page.get(PATH))
    assert "What is fact 1?" in shown
    assert "1 of 1 seen today · 1 comes back today Left today: 1 due, 0 new" in shown


def test_the_bar_moves_with_each_rating(page: Client, anna: User, deck: Deck) -> None:
    StudySettings.objects.create(user=anna, certification=deck.certification, new_per_day=2)
    bars = []
    for rating in (None, Rating.GOOD, Rating.EASY, Rating.GOOD):
        if rating:
            page.post(PATH, {**fields(page.get(PATH)), "rating": int(rating)})
        bars += re.findall(r'<progress max="(\d+)" value="(\d+)"', page.get(PATH).content.decode())
    assert bars == [("4", "0"), ("4", "1"), ("4", "3")]


def test_a_suspended_card_gives_way_to_the_next_and_can_be_resumed_at_once(page: Client, deck: Deck) -> None:
    path = f"/mls-c01/flashcards/{deck.first.pk}/"
    shown = text(page.post(f"{path}suspend/", headers=PART))
    assert "What is fact 1?" not in shown
    assert "What is fact 2?" in shown
    assert "Card suspended. It doesn't come up until you resume it. Resume" in shown
    assert "What is fact 1?" in text(page.post(f"{path}resume/", headers=PART))
    assert page.post(f"{path}suspend/").headers["Location"] == PATH
    assert "Card suspended." in text(page.get(PATH))


def test_nobody_suspends_a_card_that_is_not_open_to_them(page: Client, bela: User, deck: Deck) -> None:
    theirs = own.create(bela, "mls-c01", own.OwnDraft("Mine?", "Yes."), language="en")
    for number in (theirs, 10**9):
        assert page.post(f"/mls-c01/flashcards/{number}/suspend/").status_code == 404
        page.post(f"/mls-c01/flashcards/{number}/resume/")
    assert not SuspendedCard.objects.exists()


def test_a_domain_is_studied_alone(page: Client, anna: User, deck: Deck) -> None:
    StudySettings.objects.create(user=anna, certification=deck.certification, domain=3)
    shown = text(page.get(PATH))
    assert "What is fact 3?" in shown
    assert "Left today: 0 due, 3 new · Domain 3" in shown


def test_a_card_without_a_translation_is_shown_in_the_original_and_says_so(
    client: Client, anna: User, deck: Deck
) -> None:
    client.force_login(anna)
    assert "Mi a 1. tény?" in text(client.get(f"/hu{PATH}"))
    rate(anna, deck.first, Rating.EASY)
    shown = text(client.get(f"/hu{PATH}"))
    assert "What is fact 2?" in shown
    assert "Ez a szöveg egyelőre csak angolul érhető el." in shown


def test_an_exam_date_after_the_retirement_is_said(page: Client, anna: User, deck: Deck) -> None:
    exam = entitlements.now().date() + timedelta(days=10)
    Certification.objects.update(retired_on=None)
    exam_dates.set_to(anna, "mls-c01", exam, entitlements.now().date())
    Certification.objects.update(retired_on=date(2026, 3, 31))
    said = "Your exam date is after March 31, 2026, the last day to take MLS-C01."
    assert said in text(page.get(PATH))
    Certification.objects.update(planned_facts=["retired_on"])
    assert "the last day to take" not in text(page.get(PATH))


def test_the_days_until_the_exam_are_counted_and_every_card_comes_once_more(
    page: Client, anna: User, deck: Deck
) -> None:
    for card in deck.cards:
        history(anna, card, [Rating.EASY] * 4, days_ago=100, apart=timedelta(days=20))
    assert CardState.objects.filter(due__lt=entitlements.now() + timedelta(days=5)).count() == 0
    assert "Left today" not in text(page.get(PATH))
    Certification.objects.update(retired_on=None)
    for days, words in ((3, "Exam in 3 days"), (1, "Exam in 1 day"), (0, "Exam today")):
        today = entitlements.now().date()
        exam_dates.set_to(anna, "mls-c01", today + timedelta(days=days), today)
        assert words in text(page.get(PATH))
    assert "Left today: 12 due, 0 new" in text(page.get(PATH))


def test_a_leech_is_named(page: Client, anna: User, deck: Deck) -> None:
    ratings = [Rating.EASY] + [Rating.AGAIN, Rating.GOOD] * 8
    history(anna, deck.first, ratings, days_ago=400, apart=timedelta(days=20))
    assert CardState.objects.get().lapses == 8
    assert "You've forgotten this card eight times or more." in text(page.get(PATH))
    assert "Read more:" not in text(page.get(PATH))


def test_a_leech_leads_to_the_lines_that_teach_it(
    page: Client, anna: User, deck: Deck, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hook(code: str, coverage: Sequence[str], language: str) -> Sequence[Link]:
        return [Link("line", f"The line on {coverage[0]}", f"/{code}/sheet/#{coverage[0]}", tuple(coverage))]

    register_too(monkeypatch, "coverage_links", hook)
    history(anna, deck.first, [Rating.EASY] + [Rating.AGAIN, Rating.GOOD] * 8, days_ago=400, apart=WEEKS)
    reply = page.get(PATH)
    assert "Read more: The line on s3" in text(reply)
    assert 'href="/mls-c01/sheet/#s3"' in reply.content.decode()


def test_keys_can_be_switched_off(page: Client, anna: User) -> None:
    assert 'data-keys="on"' in page.get(PATH).content.decode()
    profiles.update(anna, single_keys=False)
    assert 'data-keys="off"' in page.get(PATH).content.decode()


def test_the_day_of_a_person_is_that_of_their_time_zone(page: Client, anna: User, deck: Deck) -> None:
    """Where it is six in the morning, twelve hours ago was yesterday; where it is evening, it was today."""
    history(anna, deck.first, [Rating.EASY], days_ago=0, apart=timedelta(0))
    CardState.objects.update(introduced_at=entitlements.now() - timedelta(hours=12))
    found = set()
    for hour in (6, 18):
        behind = (entitlements.now().hour - hour + 12) % 24 - 12
        zone = f"Etc/GMT{behind:+d}" if behind else "UTC"
        profiles.update(anna, time_zone=zone)
        found.add(re.search(r"(\d+) new", text(page.get(PATH)))[1])  # type: ignore[index]
    assert found == {"9", "10"}


@pytest.mark.parametrize("headers", [{}, PART], ids=["page", "part"])
def test_to_suspend_a_locked_card_is_refused_in_words(
    client: Client, stranger: User, deck: Deck, headers: dict[str, str]
) -> None:
    client.force_login(stranger)
    client.raise_request_exception = False
    reply = client.post(f"/mls-c01/flashcards/{deck.locked.pk}/suspend/", headers=headers, follow=True)
    assert reply.status_code < 500
    assert "This card is locked." in text(reply)
    assert not SuspendedCard.objects.exists()


@pytest.mark.parametrize("headers", [{}, PART], ids=["page", "part"])
def test_to_suspend_a_card_that_left_the_deck_while_it_was_shown_leads_to_the_next_one(
    page: Client, deck: Deck, headers: dict[str, str]
) -> None:
    Card.objects.filter(pk=deck.first.pk).update(retired_at=Now())
    page.raise_request_exception = False
    reply = page.post(f"/mls-c01/flashcards/{deck.first.pk}/suspend/", headers=headers, follow=True)
    assert reply.status_code < 500
    assert "This card is no longer in the deck." in text(reply)
    assert "What is fact 2?" in text(reply)


def test_to_resume_what_is_not_suspended_says_nothing_untrue(page: Client, bela: User, deck: Deck) -> None:
    theirs = own.create(bela, "mls-c01", own.OwnDraft("Mine?", "Yes."), language="en")
    for number in (theirs, 10**9):
        reply = page.post(f"/mls-c01/flashcards/{number}/resume/", follow=True)
        assert "Card resumed." not in text(reply)


def test_a_card_is_suspended_and_resumed_by_the_address_of_its_own_course_alone(
    page: Client, deck: Deck
) -> None:
    factories.make_certification("ab-01")
    page.raise_request_exception = False
    assert page.post(f"/ab-01/flashcards/{deck.first.pk}/suspend/").status_code == 404
    assert not SuspendedCard.objects.exists()
    page.post(f"/mls-c01/flashcards/{deck.first.pk}/suspend/")
    page.post(f"/ab-01/flashcards/{deck.first.pk}/resume/")
    assert SuspendedCard.objects.exists()
