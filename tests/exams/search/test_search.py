"""Search over sheet, cards and own finished questions: what is found, what stays closed, odd input."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import lifecycle
from exams.catalog.models import Certification
from exams.cheatsheet import services
from exams.cheatsheet.records import SheetDraft
from exams.search import providers
from exams.search.providers import Group
from flashcards.services import own
from flashcards.services.own import OwnDraft, from_item
from tests import factories, snapshot
from tests.exams.cheatsheet.published import HUNGARIAN, publish, small
from tests.exams.cheatsheet.test_personal import sit
from tests.exams.web.test_pages import signed_in
from tests.factories import Form, publish_log
from tests.flashcards import decks

pytestmark = pytest.mark.django_db
PAGE = "/mls-c01/search/"
KINDS = ("sheet", "cards", "questions")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def _taught(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Form]:
    yield from snapshot.for_module(django_db_blocker, _with_texts)


def _with_texts() -> Form:
    form = factories.make_form()
    _teach(form.form.certification)
    return form


@pytest.fixture
def taught(_taught: Form, db: None) -> Form:
    """The small exam with a sheet in two languages and a deck whose locked cards hold a word of their own."""
    return deepcopy(_taught)


def _teach(certification: Certification) -> None:
    publish(
        certification, small(intro="Train the model <b>twice</b>: L1 regularizáció & co. precision/recall")
    )
    publish(certification, small("hu", intro=HUNGARIAN, formats="A modellek regularizációja."))
    decks.make_deck(certification, size=30, previews=2, mark="hiddenword")


def groups_of(user: User | None, query: str, language: str = "en", **options: int | str) -> dict[str, Group]:
    kind, page = str(options.get("kind", "")), int(options.get("page", 1))
    asked = providers.checked(query)
    groups = providers.search(user or AnonymousUser(), "mls-c01", language, asked, kind=kind, page=page)
    return {group.kind: group for group in groups}


def titles(group: Group) -> list[str]:
    return [hit.title for hit in group.hits]


# --- What is found -----------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["models", "modeled", "MODEL", "regularizacio", "regularizáció", "recall"])
def test_stems_case_accents_and_slashes_do_not_matter(taught: Form, query: str) -> None:
    assert titles(groups_of(None, query)["sheet"]) == ["1.1 Introduction"]


@pytest.mark.parametrize(
    ("query", "title"),
    [("modellek", "2.2 Formats"), ("modell", "2.2 Formats"), ("tükörfúrógépek", "1.1 Introduction"),
     ("tukorfurogep", "1.1 Introduction"), ("ARVIZTURO", "1.1 Introduction")],
)  # fmt: skip
def test_a_hungarian_page_searches_the_hungarian_sheet_by_its_stems(
    taught: Form, query: str, title: str
) -> None:
    assert titles(groups_of(None, query, "hu")["sheet"]) == [title]


def test_only_the_edition_that_is_current_is_searched(taught: Form) -> None:
    publish(taught.form.certification, small(intro="Something else."))
    assert groups_of(None, "regularizacio")["sheet"].total == 0
    assert groups_of(None, "something")["sheet"].total == 1


def test_a_sheet_that_was_taken_down_is_not_found_and_its_original_is(taught: Form) -> None:
    services.publish(taught.form.certification, SheetDraft("hu", ()), publish_log())
    assert groups_of(None, "tukorfurogep", "hu")["sheet"].total == 0
    assert groups_of(None, "model", "hu")["sheet"].hits[0].language == "en"


def test_a_title_counts_more_than_the_text(taught: Form) -> None:
    publish(taught.form.certification, small(intro="Formats, one word among many others."))
    assert titles(groups_of(None, "formats")["sheet"]) == ["2.2 Formats", "1.1 Introduction"]


def test_what_matches_is_marked_and_everything_else_is_escaped(taught: Form) -> None:
    by_stem = groups_of(None, "models")["sheet"].hits[0].snippet
    assert "<mark>model</mark>" in by_stem
    assert "&amp; co." in by_stem
    by_letters = groups_of(None, "regularizacio")["sheet"].hits[0].snippet
    assert "<mark>regularizáció</mark>" in by_letters


def test_a_snippet_keeps_the_slashes_of_its_text(taught: Form) -> None:
    (hit,) = groups_of(None, "recall")["sheet"].hits
    assert "precision/<mark>recall</mark>" in hit.snippet
    (hit,) = groups_of(None, "regularizacio")["sheet"].hits
    assert "precision/recall" in hit.snippet


def test_the_cells_of_a_table_stay_apart_in_a_snippet(taught: Form) -> None:
    snippet = groups_of(None, "objects")["sheet"].hits[0].snippet
    assert "Amazon S3 · Keeps <mark>objects</mark> · Amazon EFS" in " ".join(snippet.split())


def test_a_snippet_says_at_which_end_the_text_continues() -> None:
    found = f"{providers.START}overfits{providers.STOP}. Remedies"
    assert (
        providers.snippet(found, "A tree overfits. Remedies", "overfit")
        == "… <mark>overfits</mark>. Remedies"
    )
    assert (
        providers.snippet(found, "overfits. Remedies differ", "overfit")
        == "<mark>overfits</mark>. Remedies …"
    )
    assert providers.passage("x wörd y", ("word",)) == "x <mark>wörd</mark> y"
    assert providers.passage(f"wörd{' y' * 40}", ("word",)).endswith(" y …")


def test_a_snippet_holds_no_tag_but_marks() -> None:
    hostile = f"<script>{providers.START}alert{providers.STOP}</script>{providers.START} & <b>"
    assert providers.marked(hostile) == ("&lt;script&gt;<mark>alert</mark>&lt;/script&gt; &amp; &lt;b&gt;")
    assert "<b>" not in providers.passage("x <b>wörd</b> y", ("word",))


def test_a_link_leads_to_the_block(taught: Form) -> None:
    assert groups_of(None, "parquet")["sheet"].hits[0].url == "/mls-c01/cheatsheet/#b-2-2"


def test_pages_of_twenty_hold_every_hit_once(taught: Form, anna: User) -> None:
    pages = [groups_of(anna, "fact", kind="cards", page=page)["cards"] for page in (1, 2, 3)]
    assert [len(page.hits) for page in pages] == [20, 10, 0]
    assert [(page.total, page.next_page) for page in pages] == [(30, 2), (30, None), (30, None)]
    assert len({hit.url for page in pages for hit in page.hits}) == 30


# --- Cards -------------------------------------------------------------------------------------------


def test_the_text_of_a_locked_card_decides_nothing(taught: Form, anna: User) -> None:
    assert groups_of(None, "hiddenword")["cards"].total == 0
    assert groups_of(factories.make_user(verified=False), "hiddenword")["cards"].total == 0
    assert groups_of(anna, "hiddenword")["cards"].total == 28


def test_a_locked_card_shows_its_topics_and_nothing_else(taught: Form) -> None:
    (hit,) = groups_of(None, "topic 17")["cards"].hits
    assert (hit.title, hit.snippet, hit.is_locked, hit.language) == ("topic 17", "", True, "")


def test_a_visitor_finds_the_cards_of_the_preview(taught: Form) -> None:
    (first, second) = groups_of(None, "fact")["cards"].hits
    assert {first.title, second.title} == {"What is fact 1?", "What is fact 2?"}
    assert not first.is_locked


def test_own_cards_are_found_by_their_owner_alone(taught: Form, anna: User, bela: User) -> None:
    card = own.create(
        anna, "mls-c01", OwnDraft("Why zebras?", "Stripes <script>x</script> & dots."), language="en"
    )
    (hit,) = groups_of(anna, "zebra")["cards"].hits
    assert (hit.title, hit.url) == ("Why zebras?", f"/mls-c01/flashcards/own/{card}/")
    assert "<script" not in hit.snippet
    assert groups_of(bela, "zebra")["cards"].total == 0
    assert groups_of(None, "zebra")["cards"].total == 0


# --- Questions ---------------------------------------------------------------------------------------


def test_a_visitor_has_no_questions(taught: Form) -> None:
    assert tuple(groups_of(None, "ferry")) == KINDS[:2]


def test_only_own_finished_exams_are_searched(taught: Form, anna: User, bela: User) -> None:
    assert groups_of(anna, "ferry")["questions"].total == 0
    factories.start(bela, taught)
    assert groups_of(bela, "ferry")["questions"].total == 0
    attempt = sit(anna, taught)
    group = groups_of(anna, "ferry operators")["questions"]
    assert group.total == len(taught.keys)
    assert group.hits[0].url.startswith(f"/attempts/{attempt}/review/?q=")
    assert groups_of(bela, "ferry")["questions"].total == 0


def test_the_reason_of_a_finished_question_is_found(taught: Form, anna: User) -> None:
    sit(anna, taught)
    hits = groups_of(anna, '"a principle of"')["questions"].hits
    assert hits
    assert "<mark>" in hits[0].snippet


def test_an_item_of_a_running_exam_is_not_found_until_it_ends(taught: Form, anna: User) -> None:
    sit(anna, taught)
    assert groups_of(anna, "ferry")["questions"].total
    running = factories.start(anna, taught)
    assert groups_of(anna, "ferry")["questions"].total == 0
    lifecycle.cancel(user=anna, attempt_id=running.attempt_id)
    assert groups_of(anna, "ferry")["questions"].total


def test_an_item_met_twice_is_found_once_where_it_was_met_last(taught: Form, anna: User) -> None:
    sit(anna, taught)
    last = sit(anna, taught)
    group = groups_of(anna, "ferry")["questions"]
    assert group.total == len(taught.keys)
    assert all(str(last) in hit.url for hit in group.hits)


def test_a_card_made_from_a_question_is_closed_while_that_is_asked(taught: Form, anna: User) -> None:
    attempt = sit(anna, taught)
    from_item(anna, attempt, 1)
    assert groups_of(anna, "ferry")["cards"].total == 1
    factories.start(anna, taught)
    assert groups_of(anna, "ferry")["cards"].total == 0


# --- The page ----------------------------------------------------------------------------------------


def test_the_page_groups_what_was_found(taught: Form, anna: User) -> None:
    sit(anna, taught)
    text = signed_in(anna).get(PAGE, {"q": "fact or ferry or parquet"}).content.decode()
    assert [text.index(f'<h2 id="{kind}">') for kind in KINDS] == sorted(
        text.index(f'<h2 id="{kind}">') for kind in KINDS
    )
    assert 'href="?q=fact+or+ferry+or+parquet&amp;kind=cards&amp;page=2"' in text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [("", "Searches the cheat sheet and the flashcards."), ("  ", "Searches the cheat sheet"),
     ("\0\x07", "Searches the cheat sheet"), ("zzzz", "Nothing found"), ('"', "Nothing found"),
     (":*", "Nothing found"), ("a & !b | (c", "Nothing found"),
     ("'; DROP TABLE exams_item; --", "Nothing found"),
     ("\\", "Nothing found"), ("<script>alert(1)</script>", "Nothing found"),
     ("%s %(query)s", "Nothing found"),
     ("-zzzz", "1.1 Introduction"), ("mo\0del", "Nothing found"),
     ('-"zzzz yyyy"', "1.1 Introduction"), ("-" * 200, "Nothing found"), ("- " * 32, "Nothing found"),
     ("-((" * 66, "Nothing found"), ("-<b>-/" * 33, "Nothing found"), ("\uff0d" * 200, "Nothing found")],
)  # fmt: skip
def test_odd_queries_get_a_plain_page(taught: Form, client: Client, query: str, sentence: str) -> None:
    reply = client.get(PAGE, {"q": query})
    assert reply.status_code == 200
    text = reply.content.decode()
    assert sentence in text
    assert "<script>alert" not in text


def test_words_that_stand_in_every_text_are_searched_like_others(taught: Form, client: Client) -> None:
    """As stems they say nothing; as words without accents they are found."""
    for query in ("the", "a az és", "the and of", "-the", '"the" or "of"'):
        reply = client.get(PAGE, {"q": query})
        assert reply.status_code == 200
        assert "Search for at most" not in reply.content.decode()


@pytest.mark.parametrize("length", [201, 10_000])
def test_a_query_that_is_too_long_is_told_so(taught: Form, client: Client, length: int) -> None:
    reply = client.get(PAGE, {"q": "é" * length})
    assert reply.status_code == 422
    assert "Search for at most 200 characters and 32 words." in reply.content.decode()
    with pytest.raises(Refused):
        providers.checked("x" * 201)
    assert providers.checked(f" {'x' * 200}\n") == "x" * 200


def test_a_query_of_too_many_words_is_told_so(taught: Form, client: Client) -> None:
    assert client.get(PAGE, {"q": "ab " * 32}).status_code == 200
    reply = client.get(PAGE, {"q": "ab " * 33})
    assert reply.status_code == 422
    assert "Search for at most 200 characters and 32 words." in reply.content.decode()


@pytest.mark.parametrize("values", [{"kind": "users"}, {"kind": "sheet", "page": "-1"}, {"page": "²"}])
def test_parameters_that_make_no_sense_are_ignored(
    taught: Form, client: Client, values: dict[str, str]
) -> None:
    assert "1.1 Introduction" in client.get(PAGE, {"q": "model", **values}).content.decode()


def test_no_certification_no_search(client: Client, db: None) -> None:
    assert client.get("/nothing/search/", {"q": "model"}).status_code == 404


def test_a_reply_is_kept_by_nobody_and_found_by_no_robot(taught: Form, client: Client) -> None:
    reply = client.get(PAGE, {"q": "model"})
    assert reply.headers["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in reply.content.decode()


@pytest.mark.parametrize("prefix", ["", "/hu"])
def test_the_brochure_and_the_home_of_a_course_lead_to_its_search(
    taught: Form, client: Client, anna: User, prefix: str
) -> None:
    box = f'action="{prefix}{PAGE}"'
    assert box in client.get(f"{prefix}/mls-c01/").content.decode()
    client.force_login(anna)
    home = client.get(f"{prefix}/mls-c01/")
    assert "exams/home.html" in {one.name for one in home.templates}
    assert box in home.content.decode()
