"""The page of a deck, and its section on the page of the certification: what is locked stays unread."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.base import destinations
from accounts.users.models import User
from exams.catalog.models import Certification
from exams.presentation import sections
from flashcards.models import StudySettings
from flashcards.scheduling.memory import Rating
from flashcards.services import reviews
from flashcards.web.other_pages import links
from tests.exams.attempts.practice import finish_exam
from tests.factories import Form
from tests.flashcards import decks
from tests.flashcards.decks import Deck
from tests.flashcards.web.test_study import text

pytestmark = pytest.mark.django_db

PATH = "/mls-c01/flashcards/"
CANARY = "zanzibar"


@pytest.fixture
def secret(certification: Certification) -> Deck:
    """A deck whose locked backs hold a word."""
    return decks.make_deck(certification, mark=CANARY)


def test_the_preview_can_be_turned_by_everybody(client: Client, secret: Deck) -> None:
    shown = text(client.get(PATH))
    assert "Preview (2 / 12)" in shown
    assert "What is fact 2? It is 2. Trap: Not 0." in shown
    assert "10 locked cards" in shown
    assert client.get(PATH).content.decode().count('<details class="look">') == 2


def test_the_others_are_named_by_topic_and_no_text_of_theirs_is_sent(
    client: Client, stranger: User, secret: Deck
) -> None:
    for user in (None, stranger):
        if user:
            client.force_login(user)
        for path in (PATH, f"/hu{PATH}", "/mls-c01/", "/hu/mls-c01/"):
            page = client.get(path).content.decode()
            assert CANARY not in page
            assert "fact 3" not in page
            assert "3. tény" not in page
        assert "topic 12" in client.get(PATH).content.decode()


def test_with_access_all_cards_are_there_by_domain(client: Client, anna: User, secret: Deck) -> None:
    client.force_login(anna)
    shown = text(client.get(PATH))
    assert "12 cards Domain 1: Domain 1 3 What is fact 1?" in shown
    assert "What is fact 12?" in shown
    assert "10 new cards Study now" in shown
    for word in ("Preview (", "locked", "more card"):
        assert word not in shown


def test_cards_are_found_by_words_of_both_sides_by_domain_and_by_stage(
    client: Client, anna: User, secret: Deck
) -> None:
    client.force_login(anna)
    decks.rate(anna, secret.cards[1], Rating.EASY)
    decks.rate(anna, secret.cards[2], Rating.AGAIN)
    reviews.suspend(anna, "mls-c01", secret.cards[3].pk)

    def found(query: str) -> set[int]:
        shown = text(client.get(f"{PATH}?{query}"))
        return {int(number) for number in re.findall(r"What is fact (\d+)\?", shown)}

    assert found("q=FACT+11") == {11}
    assert found(f"q=it+is+12.+{CANARY}") == {12}
    assert found("domain=2") == {2, 6, 10}
    assert (found("stage=learned"), found("stage=learning"), found("stage=suspended")) == ({2}, {3}, {4})
    assert found("stage=new&domain=1") == {1, 5, 9}
    for odd in ("stage=odd", "domain=x", "q=nothing+of+it", "page=99&q=zzz"):
        assert found(odd) == set()
    assert "No card matches." in text(client.get(f"{PATH}?q=nothing+of+it"))


def test_what_is_found_is_on_pages_that_keep_what_was_asked(
    client: Client, anna: User, certification: Certification
) -> None:
    decks.make_deck(certification, size=30)
    client.force_login(anna)
    first, second = (text(client.get(f"{PATH}?q=fact&page={number}")) for number in (1, 2))
    assert "30 cards" in first
    assert "What is fact 25?" in first and "What is fact 26?" not in first
    assert "What is fact 30?" in second and "What is fact 1?" not in second
    assert "?q=fact&amp;page=2" in client.get(f"{PATH}?q=fact").content.decode()


def test_locked_cards_are_not_found_by_what_they_say(client: Client, stranger: User, secret: Deck) -> None:
    client.force_login(stranger)
    for query, count in ((CANARY, "0 cards"), ("topic+12", "1 card "), ("fact", "2 cards")):
        assert count in text(client.get(f"{PATH}?q={query}"))


def test_a_card_is_suspended_and_resumed_in_the_list_which_stays_as_it_was_filtered(
    client: Client, anna: User, deck: Deck
) -> None:
    client.force_login(anna)
    came = {"Referer": f"http://testserver{PATH}?domain=1"}
    path = f"{PATH}{deck.first.pk}/"
    reply = client.post(f"{path}suspend/", {"place": "c-1"}, headers=came)
    assert reply.headers["Location"] == f"{PATH}?domain=1#c-1"
    shown = client.get(f"{PATH}?domain=1").content.decode()
    assert shown.count(f'formaction="{path}resume/"') == 1
    assert client.post(f"{path}resume/", headers=came).headers["Location"] == f"{PATH}?domain=1"
    assert f'formaction="{path}resume/"' not in client.get(PATH).content.decode()
    for other in ("http://elsewhere.example/?x=1", f"http://elsewhere.example{PATH}", "http://["):
        reply = client.post(f"{path}suspend/", headers={"Referer": other})
        assert reply.headers["Location"] == f"{PATH}study/"


def test_with_nothing_to_do_the_page_says_when_the_next_cards_come(
    client: Client, anna: User, deck: Deck
) -> None:
    client.force_login(anna)
    StudySettings.objects.create(user=anna, certification=deck.certification, new_per_day=2)
    for card in deck.cards[:2]:
        decks.rate(anna, card, Rating.EASY)
    shown = text(client.get(PATH))
    assert "Done for today Tomorrow: 2 new" in shown
    assert "Study now" not in shown


def test_no_deck_is_a_404_and_no_section(client: Client, certification: Certification) -> None:
    assert client.get(PATH).status_code == 404
    page = text(client.get("/mls-c01/"))
    assert "120 flashcards and a cheat sheet are in preparation." in page
    assert "See the preview" not in page


def test_the_brochure_says_how_many_cards_there_are_and_how_many_are_free(
    client: Client, secret: Deck
) -> None:
    reply = client.get("/mls-c01/")
    assert re.search(
        r"Flashcards 12 cards on the most important concepts of MLS-C01\. .*? 2 free", text(reply)
    )
    assert f'<a href="{PATH}">Flashcards</a>' in reply.content.decode()
    assert "A cheat sheet is in preparation." in text(reply)
    assert "flashcards and a cheat sheet" not in text(reply)


def test_a_visitors_page_may_be_kept_and_a_persons_not(client: Client, anna: User, deck: Deck) -> None:
    assert "public" in client.get(PATH).headers["Cache-Control"]
    assert not client.cookies
    client.force_login(anna)
    assert "no-store" in client.get(PATH).headers["Cache-Control"]


def test_search_engines_find_the_page(client: Client, deck: Deck) -> None:
    page = client.get(PATH).content.decode()
    assert re.search(r'<link rel="canonical" href="[^"]+/mls-c01/flashcards/">', page)
    assert "/hu/mls-c01/flashcards/</loc>" in client.get("/sitemap.xml").content.decode()


def test_a_card_is_found_by_what_it_teaches(deck: Deck) -> None:
    found = sections.links("mls-c01", ["s3", "other"], "en")
    assert [one.text for one in found][:2] == ["What is fact 1?", "What is fact 2?"]
    assert found[0].address == "/mls-c01/flashcards/#fc-001"
    spoken = [{one.language for one in links("mls-c01", ["s3"], language)} for language in ("en", "hu")]
    assert spoken == [{""}, {"", "en"}], "named where it is not that of the page"
    assert links("mls-c01", ["other"], "en") == []


def test_the_link_to_each_card_leads_to_it_and_who_may_study_it_can_turn_it(
    client: Client, anna: User, secret: Deck
) -> None:
    addresses = {link.address for link in links("mls-c01", ["s3"], "en")}
    assert len(addresses) > 2
    visitor = client.get(PATH).content.decode()
    client.force_login(anna)
    page = client.get(PATH).content.decode()
    for address in addresses:
        place = f'id="{address.partition("#")[2]}"'
        assert (visitor.count(place), page.count(place)) == (1, 1)
    assert CANARY in page


def test_a_review_names_a_locked_card_by_its_topics_to_who_has_no_access_any_more(
    client: Client, anna: User, form: Form
) -> None:
    decks.make_deck(form.form.certification)
    attempt_id = finish_exam(anna, form)
    client.force_login(anna)

    def told() -> list[str]:
        """What the page says of all questions, and what the API says."""
        addresses = (f"/attempts/{attempt_id}/review/?open=all", f"/api/v1/attempts/{attempt_id}/review/")
        return [client.get(address).content.decode() for address in addresses]

    assert all(f"fact {n}?" in said for said in told() for n in (2, 3))
    EmailAddress.objects.filter(user=anna).update(verified=False)
    for said in told():
        assert "What is fact 2?" in said
        assert "topic 3" in said
        assert "fact 3" not in said


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/mls-c01/flashcards/study/?x=1", "MLS-C01 flashcards"),
        ("/none/flashcards/", ""),
        ("/mls-c01/", ""),
        ("/mls-c01/flash/", ""),
    ],
)
def test_a_mail_names_the_deck_that_somebody_was_going_to(deck: Deck, path: str, name: str) -> None:
    assert destinations.name_of(path) == name


def test_a_code_in_capitals_leads_to_the_page(client: Client, deck: Deck) -> None:
    reply = client.get("/MLS-C01/flashcards/?from=mail")
    assert (reply.status_code, reply.headers["Location"]) == (301, "/mls-c01/flashcards/?from=mail")
