"""The pages of practice: choose, drill question by question, see how it went; all of it without script."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from accounts.users.models import User
from exams.attempts import lifecycle
from exams.attempts.models import AnswerEvent, Attempt, Feedback, Mode, PracticeOpening, State
from tests.exams.attempts.practice import answers_of, closed, draw, finish_exam, positions_in
from tests.factories import Form, make_second, start
from tests.markup import squeezed

pytestmark = pytest.mark.django_db

CHOICE = {"pool": "all", "number": "5", "minutes": "0", "days": "0", "feedback": "at_once"}


@pytest.fixture
def browser(anna: User) -> Client:
    client = Client()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def drill_of(user: User) -> Attempt:
    return Attempt.objects.get(user=user, mode=Mode.DRILL)


def field_of(page: str, name: str) -> str:
    """Return the tag of a text or number field."""
    found = re.search(rf'<input[^>]* name="{name}"[^>]*>', page)
    assert found
    return found[0]


def text_of(client: Client, path: str, status: int = 200) -> str:
    reply = client.get(path)
    assert reply.status_code == status, reply
    return reply.content.decode()


def test_who_has_finished_an_exam_chooses_and_gets_a_drill(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    assert "New drill" in text_of(browser, "/mls-c01/practice/")
    reply = browser.post("/mls-c01/practice/", {**CHOICE, "domain": "3", "language": "hu"})
    drill = drill_of(anna)
    assert (reply.status_code, reply["Location"]) == (302, f"/drills/{drill.pk}/")
    assert drill.feedback == Feedback.AT_ONCE
    assert drill.drawn
    assert (drill.drawn.language, drill.drawn.asked["domain"]) == ("hu", 3)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"number": "0"}, "Choose 5 to 65 questions."),
        ({"number": "66"}, "Choose 5 to 65 questions."),
        ({"number": "many"}, "Enter a whole number."),
        ({"minutes": "-1"}, "Choose a time limit of 1 to 600 minutes, or none."),
        ({"pool": "everything"}, "Choose one from the list."),
        ({"domain": "x"}, "Choose one from the list."),
        ({"domain": "9" * 30}, "Choose one from the list."),
        ({"feedback": "never"}, "Choose one from the list."),
        ({"days": "9" * 5000}, "Enter a whole number."),
        ({"days": "9" * 4000}, "Choose 0 to 365 days."),
        ({"pool": "flagged"}, "in this group"),
        ({"domain": "9"}, "No question matches"),
        ({"task": "9.9"}, "No question matches"),
        ({"task": "1.1\0"}, "Choose one from the list."),
        ({"difficulty": "\0"}, "Choose one from the list."),
        ({"difficulty": "extreme"}, "Choose one from the list."),
    ],
)
def test_a_choice_that_cannot_be_is_answered_by_a_sentence_and_starts_nothing(
    browser: Client, anna: User, form: Form, sent: dict[str, str], sentence: str
) -> None:
    finish_exam(anna, form)
    reply = browser.post("/mls-c01/practice/", {**CHOICE, **sent})
    assert reply.status_code in (409, 422)
    assert sentence in reply.content.decode()
    assert not Attempt.objects.filter(mode=Mode.DRILL).exists()


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("number", "ten", "Enter a whole number."),
        ("number", "", "Enter a whole number."),
        ("number", "66", "Choose 5 to 65 questions."),
        ("minutes", "1.5", "Enter a whole number."),
        ("minutes", "-1", "Choose a time limit of 1 to 600 minutes, or none."),
        ("days", "<b>", "Enter a whole number."),
        ("days", "366", "Choose 0 to 365 days."),
    ],
)
def test_a_number_that_cannot_be_is_kept_in_its_field_with_what_is_wrong_with_it(
    browser: Client, anna: User, form: Form, name: str, typed: str, sentence: str
) -> None:
    finish_exam(anna, form)
    reply = browser.post("/mls-c01/practice/", {**CHOICE, "pool": "new", "task": "3.1", name: typed})
    page = reply.content.decode()
    assert reply.status_code == 422
    assert page.count(f'<p class="error" id="{name}_error">{sentence}</p>') == 1
    assert page.count('class="error"') == page.count("aria-invalid") == 1
    control = field_of(page, name)
    assert 'aria-invalid="true"' in control
    assert f'aria-describedby="{name}_error"' in control
    assert " autofocus" in control
    if typed:
        assert f'value="{escape(typed)}"' in control
    # A browser shows nothing of what is no number in a field for one.
    assert ('type="number"' in control) == (typed.lstrip("-").isdigit())
    assert '<option value="new" selected>' in page
    assert '<option value="3.1" selected>' in page
    assert not Attempt.objects.filter(mode=Mode.DRILL).exists()


def test_each_field_that_cannot_be_says_so_and_the_others_keep_what_was_chosen(
    browser: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    sent = {**CHOICE, "number": "sok", "minutes": "601", "days": "7", "feedback": "at_end", "language": "en"}
    page = squeezed(browser.post("/hu/mls-c01/practice/", sent))
    assert '<p class="error" id="number_error">Egész számot adj meg.</p>' in page
    assert '<p class="error" id="minutes_error">1 és 600 perc közötti időkorlátot adj meg' in page
    assert 'value="sok"' in field_of(page, "number")
    assert 'value="601"' in field_of(page, "minutes")
    assert 'value="7"' in field_of(page, "days")
    assert page.count(" autofocus") == 1
    assert re.search(r'name="feedback" value="at_end"[^>]* checked', page)
    assert re.search(r'name="language" value="en" checked', page)


def test_what_was_chosen_is_kept_when_no_question_fits(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    reply = browser.post("/mls-c01/practice/", {**CHOICE, "pool": "flagged", "number": "12"})
    page = reply.content.decode()
    assert reply.status_code == 409
    assert page.count('role="alert"') == 1
    assert "aria-invalid" not in page
    assert '<option value="flagged" selected>' in page
    assert 'value="12"' in field_of(page, "number")


def test_an_exam_that_cannot_be_opened_leaves_the_form_as_it_begins(browser: Client, form: Form) -> None:
    reply = browser.post("/mls-c01/practice/", {"open": "x"})
    page = reply.content.decode()
    assert reply.status_code == 422
    assert page.count('role="alert"') == 1
    assert 'value="10"' in field_of(page, "number")


def test_an_exam_is_opened_for_practice_by_a_button_that_says_what_it_costs(
    browser: Client, form: Form
) -> None:
    page = squeezed(text_of(browser, "/mls-c01/practice/"))
    assert "Once opened for practice, it no longer counts as new." in page
    # One tap is not enough: it opens the words that say so, and the button stands under them.
    opener = page[page.index("<summary>Open for practice") : page.index('name="open"')]
    assert "You can&#x27;t undo this." in opener or "You can't undo this." in opener
    assert "</details>" not in opener
    assert browser.post("/mls-c01/practice/", {"open": "1"}).status_code == 302
    assert PracticeOpening.objects.count() == 1
    page = text_of(browser, "/mls-c01/practice/")
    assert "Opened for practice" in page
    assert "Exam 1 is open for practice." in page


def test_who_has_nothing_to_drill_is_told_before_choosing(browser: Client, anna: User, form: Form) -> None:
    needs = "Finish an exam first, or open one for practice."
    assert text_of(browser, "/mls-c01/practice/").count(needs) == 1
    finish_exam(anna, form)
    assert needs not in text_of(browser, "/mls-c01/practice/")


def test_a_drill_that_is_shorter_than_asked_for_says_so(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    page = browser.post("/mls-c01/practice/", {**CHOICE, "number": "65"}, follow=True).content.decode()
    assert "Only 8 questions match, so the drill is shorter than you asked for." in page
    page = browser.post("/mls-c01/practice/", {**CHOICE, "number": "5"}, follow=True).content.decode()
    assert "shorter than you asked for" not in page


def test_a_question_is_answered_closed_and_explained_and_the_next_one_follows(
    browser: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    path, given = f"/drills/{begun.attempt_id}/", answers_of(form, begun.attempt_id)
    page = text_of(browser, path)
    assert "Check answer" in page
    assert "Reason" not in page
    reply = browser.post(path, {"position": "1", "selected": given[1][0], "confidence": "2"})
    assert reply["Location"] == f"{path}?q=1"
    page = text_of(browser, reply["Location"])
    assert "Reason" in page
    assert 'href="?q=2"' in page
    assert AnswerEvent.objects.get(attempt_id=begun.attempt_id).confidence == 2
    browser.post(path, {"position": "2", "show": "1"})
    assert closed(begun.attempt_id) == {1: sorted(given[1][0]), 2: []}


@pytest.mark.parametrize(
    "sent", [{"position": "1"}, {"position": "x"}, {"position": "1", "selected": "9999"}, {"position": "77"}]
)
def test_an_answer_that_cannot_be_is_refused_on_the_page_and_closes_nothing(
    browser: Client, anna: User, form: Form, sent: dict[str, str]
) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    reply = browser.post(f"/drills/{begun.attempt_id}/", sent)
    assert reply.status_code == 422
    assert 'role="alert"' in reply.content.decode()
    assert closed(begun.attempt_id) == {}


PART = {"HX-Request": "true"}


def test_with_htmx_a_question_is_explained_in_its_place(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    path, (keys, _) = f"/drills/{begun.attempt_id}/", answers_of(form, begun.attempt_id)[2]
    reply = browser.post(path, {"position": "2", "selected": keys}, headers=PART)
    part = squeezed(reply)
    assert (reply.status_code, reply["HX-Replace-Url"]) == (200, f"{path}?q=2")
    assert "<html" not in part
    assert "<title>Drill, question 2 of 5 · MLS-C01 · Passline</title>" in part
    assert '<h2 id="explained" tabindex="-1" autofocus>Answer and explanation</h2>' in part
    assert "<strong data-tell>Correct</strong>" in part
    assert "1 of 5 answered" in part
    # The same press again changes nothing, and is answered the same.
    again = squeezed(browser.post(path, {"position": "2", "show": "1"}, headers=PART))
    assert "<strong data-tell>Correct</strong>" in again
    assert closed(begun.attempt_id) == {2: sorted(keys)}


def test_with_htmx_the_next_question_comes_as_a_part_and_says_where_it_is(
    browser: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    path = f"/drills/{draw(anna, form).attempt_id}/"
    reply = browser.get(f"{path}?q=3", headers=PART)
    assert "HX-Replace-Url" not in reply
    assert '<h1 tabindex="-1" autofocus>Question 3' in squeezed(reply)
    assert "autofocus" not in text_of(browser, f"{path}?q=3")


@pytest.mark.parametrize("headers", [{}, PART])
def test_what_was_chosen_stays_chosen_when_it_is_refused(
    browser: Client, anna: User, form: Form, headers: dict[str, str]
) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    given = answers_of(form, begun.attempt_id)
    position = next((n for n, (keys, _) in given.items() if len(keys) > 1), 1)
    keys, others = given[position]
    # One too few where two are asked for, else one too many.
    selected = keys[:1] if len(keys) > 1 else [keys[0], others[0]]
    sent = {"position": position, "selected": selected, "confidence": "2", "flagged": "on"}
    reply = browser.post(f"/drills/{begun.attempt_id}/", sent, headers=headers)
    page = squeezed(reply)
    assert reply.status_code == 422
    assert f'value="{selected[0]}" checked' in page
    assert 'name="confidence" value="2" checked' in page
    assert 'name="flagged" checked' in page


def test_with_htmx_an_ended_drill_leads_to_its_result(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    path = f"/drills/{draw(anna, form).attempt_id}/"
    browser.post(f"{path}finish/")
    for reply in (
        browser.post(path, {"position": "1", "show": "1"}, headers=PART),
        browser.get(f"{path}?q=2", headers=PART),
    ):
        assert (reply.status_code, reply["HX-Redirect"]) == (204, f"{path}result/")


def test_a_result_leads_to_the_same_questions_again(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    browser.post(f"/drills/{begun.attempt_id}/finish/")
    page = text_of(browser, f"/drills/{begun.attempt_id}/result/")
    assert 'name="positions" value="1,2,3,4,5"' in page
    reply = browser.post(f"/attempts/{begun.attempt_id}/practice/", {"positions": "1,2"})
    assert reply.status_code == 302
    newest = Attempt.objects.filter(mode=Mode.DRILL).latest("started_at")
    assert newest.drawn
    assert len(newest.drawn.version_ids) == 2


def test_a_review_and_a_result_of_an_exam_lead_to_a_drill_of_what_they_show(
    browser: Client, anna: User, form: Form
) -> None:
    attempt_id = finish_exam(anna, form, right=range(1, 7))
    assert "Practice all questions again" in text_of(browser, f"/attempts/{attempt_id}/result/")
    assert 'name="positions" value="7,8"' in text_of(
        browser, f"/attempts/{attempt_id}/review/?show=incorrect"
    )
    browser.post(f"/attempts/{attempt_id}/practice/", {"positions": "7,8"})
    assert set(positions_in(form, drill_of(anna).pk)) == {7, 8}
    reply = browser.post(f"/attempts/{attempt_id}/practice/", {"positions": "7,x"})
    assert reply.status_code == 422
    assert "Enter whole numbers" in reply.content.decode()


def test_what_runs_and_what_ended_are_listed_until_hidden(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    assert f"/drills/{begun.attempt_id}/" in text_of(browser, "/mls-c01/practice/")
    assert browser.post(f"/drills/{begun.attempt_id}/hide/").status_code == 302
    assert f"/drills/{begun.attempt_id}/" not in text_of(browser, "/mls-c01/practice/")
    assert Attempt.objects.get(pk=begun.attempt_id).state == State.RUNNING


def test_while_an_exam_runs_a_drill_shows_none_of_its_questions(
    browser: Client, anna: User, form: Form
) -> None:
    before = finish_exam(anna, form)
    begun = draw(anna, form)
    start(anna, form)
    page = text_of(browser, f"/drills/{begun.attempt_id}/")
    assert "5 questions are left out" in page
    assert "A ferry operator" not in page
    assert "You can review them" in text_of(browser, f"/attempts/{before}/review/", 409)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=None)
    assert "A ferry operator" not in text_of(browser, f"/drills/{begun.attempt_id}/result/", 409)


def test_an_ended_drill_leads_to_its_result_and_a_running_one_to_its_questions(
    browser: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    path = f"/drills/{begun.attempt_id}/"
    assert browser.get(f"{path}result/")["Location"] == path
    browser.post(f"{path}finish/")
    assert browser.get(path)["Location"] == f"{path}result/"
    assert browser.post(path, {"position": "1", "show": "1"})["Location"] == f"{path}result/"


def test_the_pages_are_hungarian_too(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form, language="hu")
    with translation.override("hu"):
        drill = reverse("exams:drill", args=[begun.attempt_id])
        practice = reverse("exams:practice", args=["mls-c01"])
    assert "Mennyire vagy biztos benne?" in text_of(browser, drill)
    assert "Gyakorlókör indítása" in text_of(browser, practice)


def test_a_certification_that_is_not_there_has_no_practice(browser: Client, form: Form) -> None:
    make_second(form)
    assert browser.get("/nothing/practice/").status_code == 404
    assert browser.post("/nothing/practice/", CHOICE).status_code == 404


@pytest.mark.parametrize("asked", ["²", "٣", "9" * 5000, "0", "-1", "1.5", "\0"])
def test_a_page_that_is_no_question_of_the_drill_leads_to_the_first_open_one(
    browser: Client, anna: User, form: Form, asked: str
) -> None:
    finish_exam(anna, form)
    path = f"/drills/{draw(anna, form).attempt_id}/"
    assert browser.get(path, {"q": asked}).context["position"] == 1
    assert browser.post(path, {"position": asked}).status_code == 422


def test_a_drill_in_a_language_without_questions_is_in_the_original(
    browser: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    for language in ("xx", "x" * 40, "hu\0"):
        assert browser.post("/mls-c01/practice/", {**CHOICE, "language": language}).status_code == 302
    drills = Attempt.objects.filter(mode=Mode.DRILL)
    assert set(drills.values_list("drawn__language", flat=True)) == {"en"}
