"""Studying cards in a browser: by keyboard, without script, and when the server does not answer."""

import pytest
from playwright.sync_api import Page, expect

from accounts.profile import services as profiles
from accounts.users.models import User
from exams.catalog.models import Certification
from flashcards.models import CardState, Review, StudySettings, SuspendedCard
from tests import factories
from tests.browser.conftest import Candidate, MakeCandidate
from tests.flashcards import decks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STUDY = "/mls-c01/flashcards/study/"


@pytest.fixture
def certification(db: None) -> Certification:
    """A certification with 24 cards."""
    made = factories.make_certification()
    decks.make_deck(made, size=24, previews=10)
    return made


def opened(candidate: Candidate, certification: Certification, new: int = 24) -> Page:
    """Open the study page of somebody who wants so many new cards."""
    StudySettings.objects.create(user=candidate.user, certification=certification, new_per_day=new)
    page = candidate.window()
    page.goto(candidate.server + STUDY)
    return page


def position(page: Page, number: int, total: int = 24) -> None:
    expect(page.locator("#study")).to_contain_text(f"{number - 1} of {total} seen")


def test_20_cards_by_keyboard_alone_without_loading_the_page_again(
    candidate: Candidate, certification: Certification
) -> None:
    page = opened(candidate, certification)
    page.evaluate("window.same = true")
    for number in range(1, 21):
        position(page, number)
        page.keyboard.press("4")  # the answer is not open: no rating
        page.keyboard.press("Space")
        expect(page.locator(".turn .back")).to_be_visible()
        page.keyboard.press("4")
    position(page, 21)
    assert page.evaluate("window.same")
    assert Review.objects.filter(rating=4, taken_ms__gt=0).count() == CardState.objects.count() == 20


def test_z_undoes_and_the_focus_is_on_the_card(candidate: Candidate, certification: Certification) -> None:
    page = opened(candidate, certification)
    page.keyboard.press("Space")
    page.keyboard.press("4")
    position(page, 2)
    expect(page.locator("[data-front]")).to_be_focused()
    page.keyboard.press("z")
    position(page, 1)
    expect(page.locator("[data-front]")).to_have_text("What is fact 1?")
    assert not CardState.objects.exists()


def test_keys_do_nothing_when_they_are_switched_off(
    candidate: Candidate, certification: Certification
) -> None:
    profiles.update(candidate.user, single_keys=False)
    page = opened(candidate, certification)
    page.keyboard.press("Space")
    expect(page.locator(".turn .back")).to_be_hidden()


def test_a_card_is_rated_and_undone_without_script(
    make_candidate: MakeCandidate, anna: User, certification: Certification
) -> None:
    page = opened(make_candidate(anna, java_script_enabled=False), certification)
    page.get_by_text("Show answer").click()
    page.get_by_role("button", name="Easy").click()
    position(page, 2)
    page.get_by_role("button", name="Undo").click()
    position(page, 1)
    assert Review.objects.count() == 2


def test_two_windows_with_one_card_count_it_once_and_the_second_is_told(
    candidate: Candidate, certification: Certification
) -> None:
    first, second = opened(candidate, certification), candidate.window()
    second.goto(candidate.server + STUDY)
    for page in (first, second):
        page.keyboard.press("Space")
        page.keyboard.press("4")
        position(page, 2)
    expect(second.get_by_role("alert").first).to_contain_text("You've already rated this card.")
    assert Review.objects.count() == 1


def test_a_rating_that_did_not_arrive_is_said_and_can_be_given_again(
    candidate: Candidate, certification: Certification
) -> None:
    page = opened(candidate, certification)
    page.route(
        f"**{STUDY}", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    page.keyboard.press("Space")
    page.keyboard.press("4")
    said = page.get_by_text("Your rating wasn't saved.")
    expect(said).to_be_visible()
    page.unroute(f"**{STUDY}")
    page.keyboard.press("4")
    position(page, 2)
    expect(said).to_be_hidden()
    assert Review.objects.count() == 1


def test_the_answer_has_no_frame_and_tab_leads_to_the_ratings(
    candidate: Candidate, certification: Certification
) -> None:
    page = opened(candidate, certification)
    page.keyboard.press("Space")
    expect(page.locator(".turn .back")).to_be_focused()
    assert page.locator(".turn .back").evaluate("one => getComputedStyle(one).outlineStyle") == "none"
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Again")).to_be_focused()


def test_a_card_is_suspended_and_resumed_without_loading_the_page_again(
    candidate: Candidate, certification: Certification
) -> None:
    page = opened(candidate, certification)
    page.evaluate("window.same = true")
    page.get_by_role("button", name="Suspend").click()
    expect(page.locator("[data-front]")).to_have_text("What is fact 2?")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("[data-front]")).to_have_text("What is fact 1?")
    assert page.evaluate("window.same")
    assert not SuspendedCard.objects.exists()


def test_a_card_that_is_suspended_far_down_in_the_deck_is_confirmed_in_sight(
    candidate: Candidate, certification: Certification
) -> None:
    page = candidate.window()
    page.goto(f"{candidate.server}/mls-c01/flashcards/")
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
    page.get_by_role("button", name="Suspend").last.click()
    expect(page.get_by_text("Card suspended.")).to_be_in_viewport()
    assert page.evaluate("scrollY") > 0


def test_the_preview_of_an_own_card_follows_what_is_written(
    candidate: Candidate, certification: Certification
) -> None:
    page = candidate.window()
    page.goto(f"{candidate.server}/mls-c01/flashcards/own/new/")
    page.get_by_label("Front").fill("What is `x`?")
    page.get_by_label("Back").press_sequentially("- one")
    expect(page.locator("#preview .card code")).to_have_text("x")
    expect(page.locator("#preview .card li")).to_have_text("one")
    expect(page.get_by_label("Back")).to_be_focused()


def test_the_end_of_the_day(candidate: Candidate, certification: Certification) -> None:
    page = opened(candidate, certification, new=1)
    page.keyboard.press("Space")
    page.keyboard.press("4")
    expect(page.get_by_role("heading", name="Done for today")).to_be_focused()
    expect(page.locator("#study")).to_contain_text("You've studied 1 card today.")
