"""The free sample: one question after another, each explained at once, for anybody and without a trace."""

import re
from collections.abc import Iterator
from functools import partial

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.users.models import User
from exams.attempts.models import Attempt
from exams.bank import services as bank
from exams.catalog.models import Certification
from tests import factories, snapshot
from tests.exams.web.test_pages import signed_in, text_of
from tests.factories import Form, publish_log
from tests.markup import squeezed

pytestmark = pytest.mark.django_db
PAGE = "/mls-c01/sample/"
CORRECT = {n: "AC" if n == 7 else "B" for n in range(1, 11)}
SECRET = "TELLTALE"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def sample(form: Form) -> Form:
    """A sample beside the small exam; what is secret in it carries a mark."""
    make = partial(factories.make_sample, form.form.certification, mark=SECRET)
    assert snapshot.more("sample", make) == CORRECT
    return form


def after(count: int, **changed: str) -> str:
    """Return the address after so many answers, correct but for those changed."""
    answers = [changed.get(f"q{n}", CORRECT[n]) for n in range(1, count + 1)]
    return f"{PAGE}?a={'.'.join(answers)}"


def html_of(client: Client, address: str) -> str:
    reply = client.get(address)
    assert reply.status_code == 200
    return reply.content.decode()


# --- One question after another ----------------------------------------------------------------------


def test_the_first_question_stands_open_without_its_key(client: Client, sample: Form) -> None:
    page = html_of(client, PAGE)
    assert "A ferry operator of item S01" in page
    pattern = r'<input type="radio" name="c" id="c." value="(.)" required>'
    assert re.findall(pattern, squeezed(page)) == list("ABCD")
    assert SECRET not in page
    assert "Reason" not in page
    assert "Correct" not in page


@pytest.mark.parametrize(("language", "word"), [("", "Domain"), ("/hu", "Témakör")])
def test_a_question_names_its_domain_and_its_task(
    client: Client, sample: Form, language: str, word: str
) -> None:
    shown = text_of(client.get(f"{language}{PAGE}"))
    assert f"{word} 1 · 1.1 {word} 1.1 · " in shown


def test_an_answer_is_explained_at_once_with_every_reason(client: Client, sample: Form) -> None:
    text = text_of(client.get(f"{PAGE}?q=1&c=A"))
    assert "Incorrect" in text
    assert "Why B is correct" in text
    for n in range(4):
        assert f"Reason {n} of S01" in text
    for words in ("It is right for S01.", "A principle of S01.", "A tip for S01.", "Your answer"):
        assert words in text


def test_a_correct_answer_is_called_correct(client: Client, sample: Form) -> None:
    text = text_of(client.get(f"{PAGE}?q=1&c=B"))
    assert "Your answer, correct" in text
    assert "Incorrect" not in text


def test_the_explanation_leads_to_the_next_question_and_keeps_the_answers(
    client: Client, sample: Form
) -> None:
    page = html_of(client, f"{PAGE}?q=3&a=B.A&c=D")
    assert f'href="{PAGE}?a=B.A.D"' in page
    page = html_of(client, f"{PAGE}?a=B.A.D")
    assert "S04" in page
    assert '<input type="hidden" name="a" value="B.A.D">' in page


def test_two_options_are_chosen_together_in_whatever_order(client: Client, sample: Form) -> None:
    page = html_of(client, f"{after(6)}&q=7&c=C&c=A")
    assert "Why A and C are correct" in page
    assert "Incorrect" not in page


@pytest.mark.parametrize("query", ["&q=7", "&q=7&c=A", "&q=7&c=A&c=B&c=C", "&q=7&c=A&c=A", "&q=7&c=A&c=F"])
def test_an_incomplete_choice_is_asked_for_again_and_gives_no_key_away(
    client: Client, sample: Form, query: str
) -> None:
    page = html_of(client, after(6) + query)
    assert "Choose exactly 2 options first." in page
    assert SECRET not in page


def test_the_answer_can_be_shown_without_choosing(client: Client, sample: Form) -> None:
    page = html_of(client, PAGE)
    shown = re.findall(r'href="([^"]+)" rel="nofollow">Show answer', page)[0].replace("&amp;", "&")
    text = text_of(client.get(shown))
    assert "Unanswered" in text
    assert "Why B is correct" in text


def test_a_question_answered_before_can_be_read_again_without_losing_the_later_ones(
    client: Client, sample: Form
) -> None:
    page = html_of(client, f"{after(5)}&q=2")
    assert "It is right for S02." in page
    assert f'href="{after(5)}&amp;q=3"' in page
    assert f'href="{after(5)}&amp;q=1"' in page


@pytest.mark.parametrize("count", range(10))
def test_a_page_holds_the_key_of_the_answered_position_alone(
    client: Client, sample: Form, count: int
) -> None:
    page = html_of(client, f"{after(count)}&q={count + 1}&c=-")
    assert set(re.findall(r"Reason \d of (S\d\d)", page)) == {f"S{count + 1:02d}"}
    assert set(re.findall(r"S\d\d", page)) == {f"S{count + 1:02d}"}


# --- Nonsense ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("?a=Z", 1),
        ("?a=B.AB.C", 2),
        ("?a=B..B", 2),
        ("?a=b.b", 3),
        ("?q=9", 1),
        ("?q=0&a=B", 2),
        ("?q=-1&a=B", 2),
        ("?q=%00&a=%00", 1),
        ("?q=1&q=2&a=B&a=B.B", 2),
        ("?c=" + "A" * 5000, 1),
        ("?a=" + "B." * 5000, 7),
        ("?x=1", 1),
    ],
)
def test_nonsense_is_left_out_and_never_an_error(
    client: Client, sample: Form, query: str, position: int
) -> None:
    assert f"A ferry operator of item S{position:02d}" in html_of(client, PAGE + query)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["a", "q", "c"]), st.text(max_size=40)))
def test_no_address_is_an_error(client: Client, sample: Form, query: dict[str, str]) -> None:
    assert client.get(PAGE, query).status_code == 200


def test_a_certification_without_a_sample_has_no_such_page(client: Client, form: Form) -> None:
    assert client.get(PAGE).status_code == 404
    assert client.get("/absent/sample/").status_code == 404


def test_the_page_is_only_read(client: Client, sample: Form) -> None:
    assert client.post(PAGE, {"c": "A"}).status_code == 405
    assert client.head(PAGE).status_code == 200


# --- The end -----------------------------------------------------------------------------------------


def test_the_end_says_how_many_were_correct_and_that_this_is_no_score(client: Client, sample: Form) -> None:
    text = text_of(client.get(after(10, q1="A", q2="A", q3="-")))
    assert "9 answered, 1 read" in text
    assert "7 of 9 correct." in text
    assert "That isn't a score: 10 questions are too few for one." in text
    assert (
        "The error band runs from 500 to 1000, across the pass line at 750. It could go either way." in text
    )
    assert (text.count("Incorrect"), text.count("Answer read")) == (2, 1)


def test_who_answered_nothing_gets_no_band(client: Client, sample: Form) -> None:
    shown = f"{PAGE}?a=" + ".".join("-" * 10)
    text = text_of(client.get(shown))
    assert "0 answered, 10 read" in text
    assert "You answered none of them, so there's no error band either." in text
    assert "The error band" not in text
    assert "Egyikre sem válaszoltál, ezért hibasávot sem tudunk mondani." in text_of(
        client.get(f"/hu{shown}")
    )


def test_who_answered_fewer_than_half_gets_no_band(client: Client, sample: Form) -> None:
    shown = {f"q{n}": "-" for n in range(1, 7)}
    text = text_of(client.get(after(10, **shown)))
    assert "4 answered, 6 read" in text
    assert "You answered fewer than half of them, so there's no error band either." in text
    del shown["q1"]
    assert "The error band runs from" in text_of(client.get(after(10, **shown)))


def test_all_correct_is_a_good_sign_and_no_more(client: Client, sample: Form) -> None:
    text = text_of(client.get(after(10)))
    assert "10 of 10 correct" in text
    assert "above the pass line at 750" in text


def test_the_end_leads_a_visitor_over_sign_up_to_the_first_exam(client: Client, sample: Form) -> None:
    page = html_of(client, after(10))
    assert 'href="/accounts/signup/?next=/mls-c01/exams/1/">Create a free account' in page
    assert "Take exam 1" not in page


def test_the_end_leads_a_person_to_their_next_step(anna: User, sample: Form) -> None:
    page = html_of(signed_in(anna), after(10))
    assert 'href="/mls-c01/">See your next step</a>' in page
    assert "Create a free account" not in page


def test_the_end_leads_back_to_each_explanation(client: Client, sample: Form) -> None:
    page = html_of(client, after(10))
    assert [f'href="{after(10)}&amp;q={n}"' in page for n in range(1, 11)] == [True] * 10


# --- No trace, and little work -----------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?q=1&c=A", "?a=B"])
def test_a_visitors_page_may_be_kept_by_anybody_and_sets_no_cookie(
    client: Client, sample: Form, query: str
) -> None:
    reply = client.get(PAGE + query)
    assert reply["Cache-Control"] == "public, max-age=600"
    assert {"Cookie", "Accept-Encoding"} <= {word.strip() for word in reply["Vary"].split(",")}
    assert not reply.cookies
    assert "csrfmiddlewaretoken" not in reply.content.decode()
    assert not Session.objects.exists()
    assert not Attempt.objects.exists()


def test_the_page_of_a_person_is_kept_by_nobody_else(anna: User, sample: Form) -> None:
    assert signed_in(anna).get(PAGE)["Cache-Control"] == "no-store, private"


def test_a_page_with_a_message_is_kept_by_nobody(anna: User, sample: Form) -> None:
    browser = signed_in(anna)
    browser.post("/accounts/logout/")
    reply = browser.get(PAGE)
    assert "signed out" in reply.content.decode()
    assert "public" not in reply.get("Cache-Control", "")


def test_the_pages_need_no_script(client: Client, sample: Form) -> None:
    for address in (PAGE, f"{PAGE}?q=1&c=A", after(10)):
        page = html_of(client, address)
        assert set(re.findall(r"<script[^>]*src=\"([^\"]+)\"", page)) == set(
            re.findall(r"<script[^>]*src=\"([^\"]+site[^\"]+)\"", page)
        )
        assert "hx-" not in page
        assert not re.search(r" on\w+=", page)


# --- Languages ---------------------------------------------------------------------------------------


def test_questions_without_a_translation_are_shown_in_the_original_and_say_so(
    client: Client, sample: Form
) -> None:
    page = html_of(client, f"/hu{PAGE}")
    assert "A kérdések egyelőre csak angolul érhetők el." in page
    assert '<div class="stem" lang="en">' in page


def test_translated_questions_are_in_the_language_of_the_page(client: Client, form: Form) -> None:
    factories.make_sample(form.form.certification, languages=("en", "hu"))
    page = html_of(client, f"/hu{PAGE}")
    assert "Egy komptársaság kérdése (S01)" in page
    assert "csak angolul" not in page
    assert "A ferry operator of item S01" in html_of(client, PAGE)


def test_a_corrected_text_is_shown_at_once(client: Client, sample: Form) -> None:
    html_of(client, PAGE)
    version = Certification.objects.get().sample.get(position=1).version
    draft = factories.item_draft("S01-corrected", 1, keys=(False, True, False, False))
    bank.add_text(version, draft.text, publish_log())
    assert "S01-corrected" in html_of(client, PAGE)


# --- Where it is linked ------------------------------------------------------------------------------


def test_home_answers_the_first_question_at_once_and_leads_into_the_sample(
    client: Client, sample: Form
) -> None:
    page = html_of(client, "/")
    assert f'<a href="{PAGE}">' in page
    demo = page.partition('<div class="demo">')[2].partition("</fieldset>")[0]
    assert "A ferry operator of item S01" in demo
    assert demo.count('data-tone="right"') == 1
    assert demo.count('class="why"') == demo.count('type="radio"') == 4
    assert "item S02" not in page


def test_the_answer_given_on_the_home_page_goes_along_into_the_sample(client: Client, sample: Form) -> None:
    demo = html_of(client, "/").partition('<div class="demo">')[2].partition("</form>")[0]
    assert demo.count(f'<form class="panel" action="{PAGE}">') == 1
    assert demo.count('name="a"') == 4
    assert 'name="a" value="B"' in demo
    page = html_of(client, f"{PAGE}?a=B")
    assert "item S02" in page
    assert '<input type="hidden" name="a" value="B">' in page


def test_home_of_a_person_has_no_sample(anna: User, sample: Form) -> None:
    assert "A ferry operator of item S01" not in html_of(signed_in(anna), "/")


@pytest.mark.parametrize("address", ["/mls-c01/", "/mls-c01/exams/1/"])
def test_landing_and_start_page_offer_the_sample(client: Client, sample: Form, address: str) -> None:
    assert f'href="{PAGE}"' in html_of(client, address)


@pytest.mark.parametrize("address", ["/", "/mls-c01/", "/mls-c01/exams/1/"])
def test_where_there_is_no_sample_nothing_leads_to_one(client: Client, form: Form, address: str) -> None:
    assert "/sample/" not in html_of(client, address)
