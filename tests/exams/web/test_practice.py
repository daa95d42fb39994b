"""The pages of practice: choose, drill question by question, see how it went; all of it without script."""

import json
import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.users.models import User
from exams.attempts import lifecycle, results, selectors
from exams.attempts.models import AnswerEvent, Attempt, Feedback, Mode, PracticeOpening, State
from exams.catalog.models import TaskStatement
from exams.feedback.models import Bookmark
from tests.accounts import selling
from tests.exams.attempts.helpers import age, save
from tests.exams.attempts.practice import (
    answers_of,
    check,
    close,
    closed,
    draw,
    finish_check,
    finish_exam,
    make_check,
    positions_in,
)
from tests.factories import Form, make_second, start
from tests.markup import squeezed

pytestmark = pytest.mark.django_db

CHOICE = {"pool": "all", "number": "5", "feedback": "at_once"}


@pytest.fixture
def browser(anna: User) -> Client:
    client = Client()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def drill_of(user: User) -> Attempt:
    return Attempt.objects.get(user=user, mode=Mode.DRILL)


def chip(page: str, name: str, value: object) -> str:
    """Return a chip to choose by, without what is around it."""
    found = re.search(rf'<label class="chip[^"]*"><input [^>]*name="{name}" value="{value}".*?</label>', page)
    assert found, (name, value)
    return found[0]


def count_of(page: str, name: str, value: object) -> int:
    return int(chip(page, name, value).split('<span class="num">')[1].split("<")[0])


def matching(page: str) -> int:
    return int(page.split("data-matching>")[1].split("<")[0])


def text_of(client: Client, path: str, status: int = 200) -> str:
    reply = client.get(path)
    assert reply.status_code == status, reply
    return reply.content.decode()


def test_who_has_finished_an_exam_chooses_and_gets_a_drill(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    assert "Start practice" in text_of(browser, "/mls-c01/practice/")
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
        ({"number": "many"}, "choose from the lists"),
        ({"number": "9" * 5000}, "choose from the lists"),
        ({"pool": "everything"}, "choose from the lists"),
        ({"pool": "weak-x"}, "choose from the lists"),
        ({"domain": "x"}, "choose from the lists"),
        ({"domain": "9" * 30}, "choose from the lists"),
        ({"feedback": "never"}, "choose from the lists"),
        ({"pool": "flagged"}, "in this group"),
        ({"pool": "weak-9"}, "No question matches"),
        ({"domain": "9"}, "No question matches"),
        ({"task": "9.9"}, "No question matches"),
        ({"task": "1.1\0"}, "choose from the lists"),
        ({"difficulty": "\0"}, "choose from the lists"),
        ({"difficulty": "extreme"}, "choose from the lists"),
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


def test_what_was_chosen_is_kept_when_no_question_fits(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    sent = {**CHOICE, "pool": "flagged", "number": "20", "domain": ["1", "3"], "feedback": "at_end"}
    page = browser.post("/mls-c01/practice/", sent).content.decode()
    assert page.count('role="alert"') == 1
    for name, value in (
        ("pool", "flagged"),
        ("number", 20),
        ("domain", 1),
        ("domain", 3),
        ("feedback", "at_end"),
    ):
        assert " checked" in chip(page, name, value)
    assert " checked" not in chip(page, "domain", 2)


# --- Counts: eight questions, two each in domains 1 and 2, three in 3, one in 4
def test_each_group_and_topic_says_how_many_questions_it_has(browser: Client, anna: User, form: Form) -> None:
    attempt_id = finish_exam(anna, form, right=(1, 2, 3, 4, 5), flagged=(1, 6))
    item = form.edition.items.get(position=5).version.item
    Bookmark.objects.create(user=anna, item=item)
    page = text_of(browser, "/mls-c01/practice/")
    counts = {"all": 8, "new": 0, "missed": 3, "later": 0, "flagged": 2, "bookmarked": 1, "unsure": 0}
    assert {name: count_of(page, "pool", name) for name in counts} == counts
    # Of what was missed, which is chosen: nothing is in domain 1, and it cannot be a dead end.
    assert " checked" in chip(page, "pool", "missed")
    assert " disabled" in chip(page, "pool", "new")
    assert [count_of(page, "domain", number) for number in (1, 2, 3, 4)] == [0, 0, 2, 1]
    assert matching(page) == 3
    age(attempt_id, 4 * 86_400)
    assert count_of(text_of(browser, "/mls-c01/practice/"), "pool", "later") == 3


def test_several_domains_and_tasks_are_drawn_from_at_once(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    sent = {**CHOICE, "domain": ["1", "3"], "task": ["2.1"], "number": "65"}
    page = browser.post("/mls-c01/practice/", {**sent, "count": "1"}).content.decode()
    assert matching(page) == 7
    assert not Attempt.objects.filter(mode=Mode.DRILL).exists()
    browser.post("/mls-c01/practice/", sent)
    assert set(positions_in(form, drill_of(anna).pk)) == {1, 2, 3, 4, 5, 6, 7}


def test_a_task_narrows_the_domain_that_it_is_part_of(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    for domain in ("3", ["3", "4"]):
        sent = {**CHOICE, "domain": domain, "task": "3.1", "count": "1"}
        page = browser.post("/mls-c01/practice/", sent).content.decode()
        of_task = count_of(page, "task", "3.1")
        assert matching(page) == of_task + (domain != "3")


def test_the_script_is_told_what_it_counts(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form, right=(1, 2, 3, 4, 5))
    reply = browser.get("/mls-c01/practice/")
    stock = json.loads(reply.context["stock"])
    groups = re.findall(r'name="pool" value="([^"]+)"', reply.content.decode())
    missed = groups.index("missed")
    assert sum(row[4] for row in stock) == 8
    assert sum(row[4] for row in stock if missed in row[3]) == 3
    assert {row[0] for row in stock if missed in row[3]} == {3, 4}


def test_a_task_without_questions_narrows_its_domain_on_the_page_and_in_its_script(
    browser: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    task = TaskStatement.objects.create(domain=form.form.certification.domains.get(number=3), code="3.2")
    task.texts.create(language="en", title="Nothing yet")
    reply = browser.get("/mls-c01/practice/?domain=3&task=3.2")
    assert matching(reply.content.decode()) == 0
    assert [3, "3.2", "", [], 0] in json.loads(reply.context["stock"])


def test_a_timed_drill_has_the_pace_of_the_exam(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    browser.post("/mls-c01/practice/", {**CHOICE, "feedback": "timed", "number": "65"})
    drill = drill_of(anna)
    # Eight questions of 166 seconds.
    assert (drill.feedback, drill.minutes_allowed) == (Feedback.AT_END, 23)


def test_while_an_exam_runs_its_questions_are_in_no_count(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    start(anna, form)
    page = text_of(browser, "/mls-c01/practice/")
    assert {count_of(page, "pool", name) for name in ("all", "missed", "flagged", "new")} == {0}
    assert browser.get("/mls-c01/practice/").context["stock"] == "[]"


# --- Without access
def test_a_visitor_sees_what_is_free_and_what_is_locked(client: Client, form: Form) -> None:
    make_check(form)
    page = squeezed(text_of(client, "/mls-c01/practice/"))
    assert 'href="/mls-c01/sample/"' in page
    assert "Where do you stand?" in page
    assert page.count("data-locked") == 9
    assert 'name="pool"' not in page
    assert 'href="/pricing/"' in page
    reply = client.post("/mls-c01/practice/", CHOICE)
    assert reply["Location"].startswith("/accounts/login/")


def test_who_has_no_access_resumes_what_runs_and_sees_what_is_free(
    browser: Client, anna: User, form: Form
) -> None:
    make_check(form)
    finish_exam(anna, form)
    running = draw(anna, form).attempt_id
    selling.sell()
    page = squeezed(text_of(browser, "/mls-c01/practice/"))
    assert f'href="/drills/{running}/"' in page
    assert "Start the check" in page
    assert page.count("data-locked") == 9
    assert 'name="open"' not in page


def test_an_exam_that_cannot_be_opened_leaves_the_form_as_it_begins(
    browser: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    reply = browser.post("/mls-c01/practice/", {"open": "x"})
    page = reply.content.decode()
    assert reply.status_code == 422
    assert page.count('role="alert"') == 1
    assert " checked" in chip(page, "number", 10)


def test_an_exam_is_opened_for_practice_by_a_button_that_says_what_it_costs(
    browser: Client, form: Form
) -> None:
    page = squeezed(text_of(browser, "/mls-c01/practice/"))
    assert "Once opened for practice, it no longer counts as new." in page
    # While there's nothing to practice, the button stands above the list, under the words that say so.
    first = page[page.index("Practice with exam 1 now") : page.index('name="open"')]
    assert re.search(r"You can.+t undo this\.", first)
    # In the list one tap is not enough: it opens these words.
    opener = page[page.index("<summary>Open for practice") : page.rindex('name="open"')]
    assert "You can&#x27;t undo this." in opener or "You can't undo this." in opener
    assert "</details>" not in opener
    assert browser.post("/mls-c01/practice/", {"open": "1"}).status_code == 302
    assert PracticeOpening.objects.count() == 1
    page = text_of(browser, "/mls-c01/practice/")
    assert "Opened for practice" in page
    assert "Exam 1 is open for practice." in page


def test_who_has_nothing_to_drill_is_told_before_choosing(browser: Client, anna: User, form: Form) -> None:
    needs = "Practice with exam 1 now"
    assert text_of(browser, "/mls-c01/practice/").count(needs) == 1
    finish_exam(anna, form)
    assert needs not in text_of(browser, "/mls-c01/practice/")


def test_who_has_no_exam_yet_is_led_to_the_first_one_before_one_is_spent_on_practice(
    browser: Client, anna: User, form: Form
) -> None:
    page = squeezed(text_of(browser, "/mls-c01/practice/"))
    assert page.index('class="button primary" href="/mls-c01/exams/1/"') < page.index('name="open"')
    assert page.count("primary") == 1
    start(anna, form)
    page = squeezed(text_of(browser, "/mls-c01/practice/"))
    assert 'href="/mls-c01/exams/1/"' not in page.partition("<main")[2]


def test_after_a_check_alone_its_misses_are_offered_and_while_one_runs_an_exam_is_asked_for(
    browser: Client, anna: User, form: Form
) -> None:
    make_check(form)
    finish_check(anna, check(anna, form), frozenset(range(1, 21)) - {3, 7})
    page = text_of(browser, "/mls-c01/practice/")
    assert "Take an exam first" not in page
    assert count_of(page, "pool", "missed") == 2
    assert browser.post("/mls-c01/practice/", {"pool": "missed"}).status_code == 302
    check(anna, form)
    assert "Take an exam first" in text_of(browser, "/mls-c01/practice/")


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
    assert ">Correct</h3>" in page
    browser.post(path, {"position": "2", "show": "1"})
    assert closed(begun.attempt_id) == {1: sorted(given[1][0]), 2: []}
    attempt = selectors.taking(anna, begun.attempt_id, Mode.DRILL)
    letters = ", ".join(results.closed_reviews(attempt, "en")[2].solution.text.keys)
    verdict = rf"Unanswered\. The correct answers? (is|are) {letters}\. *</h3>"
    assert re.search(verdict, squeezed(browser.get(f"{path}?q=2")))


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
    # Not in the look of an incorrect answer.
    assert '<div class="notice" data-tone="warn" role="alert">' in reply.content.decode()
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
    assert "<title>Practice, question 2 of 5 · MLS-C01 · Passline</title>" in part
    assert '<h3 id="explained" tabindex="-1" data-tell autofocus>Correct</h3>' in part
    assert "1 of 5 answered" in part
    # The same press again changes nothing, and is answered the same.
    again = squeezed(browser.post(path, {"position": "2", "show": "1"}, headers=PART))
    assert "data-tell autofocus>Correct</h3>" in again
    assert closed(begun.attempt_id) == {2: sorted(keys)}


def test_with_htmx_the_next_question_comes_as_a_part_and_says_where_it_is(
    browser: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    path = f"/drills/{draw(anna, form).attempt_id}/"
    reply = browser.get(f"{path}?q=3", headers=PART)
    assert "HX-Replace-Url" not in reply
    assert re.search(r'<h2 tabindex="-1" id="drill-t" autofocus> ?Question 3', squeezed(reply))
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
    assert 'name="flagged" form="answer" checked' in page


def test_with_htmx_an_ended_drill_leads_to_its_result(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    path = f"/drills/{draw(anna, form).attempt_id}/"
    browser.post(f"{path}finish/")
    for reply in (
        browser.post(path, {"position": "1", "show": "1"}, headers=PART),
        browser.get(f"{path}?q=2", headers=PART),
    ):
        assert (reply.status_code, reply["HX-Redirect"]) == (204, f"{path}result/")


def test_finishing_asks_first_and_says_what_has_no_answer(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    close(anna, begun.attempt_id, 1, show=True)
    page = squeezed(text_of(browser, f"/drills/{begun.attempt_id}/"))
    question = page.split('id="finish"')[1]
    assert "4 questions have no answer. Questions that you didn't answer aren't counted." in unescape(
        question
    )
    # The only buttons that end it are in that question, or come when all is answered.
    assert page.count(f'action="/drills/{begun.attempt_id}/finish/"') == 1
    for position in range(2, 6):
        close(anna, begun.attempt_id, position, show=True)
    page = squeezed(text_of(browser, f"/drills/{begun.attempt_id}/"))
    assert "See the result" in page
    assert "You've answered every question." in unescape(page)


def test_what_was_not_answered_is_not_counted_and_can_be_practiced(
    browser: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    given = answers_of(form, begun.attempt_id)
    close(anna, begun.attempt_id, 2, *given[2][0])
    close(anna, begun.attempt_id, 4, show=True)
    browser.post(f"/drills/{begun.attempt_id}/finish/")
    page = unescape(squeezed(text_of(browser, f"/drills/{begun.attempt_id}/result/")))
    assert "<h1>1 of 2 correct</h1>" in page
    assert "3 questions have no answer and aren't counted." in page
    assert 'name="positions" value="4"' in page
    assert 'name="positions" value="1,3,5"' in page
    assert "50% correct" in squeezed(text_of(browser, "/mls-c01/practice/"))


def test_the_result_of_practice_has_its_domains_and_the_next_step(
    browser: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form, number=8)
    for position, (keys, _others) in answers_of(form, begun.attempt_id).items():
        close(anna, begun.attempt_id, position, *keys)
    browser.post(f"/drills/{begun.attempt_id}/finish/")
    page = squeezed(text_of(browser, f"/drills/{begun.attempt_id}/result/"))
    told = re.findall(r"<dt>Domain \d</dt> ?<dd>(\d) of (\d)</dd>", page)
    assert len(told) > 1 and sum(int(total) for _, total in told) == 8
    assert all(correct == total for correct, total in told)
    assert 'id="next-step"' in page
    assert re.search(r'<p class="meta">Domain (\d)&nbsp;· \1\.1 Domain \1\.1&nbsp;·', page)


def test_the_question_has_what_an_exam_has(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    page = squeezed(text_of(browser, f"/drills/{draw(anna, form).attempt_id}/"))
    for part in ('class="strike"', 'name="flagged"', 'name="confidence"', "data-keys-on", 'id="navigator"'):
        assert part in page


def test_a_result_with_misses_has_one_filled_button_which_leads_to_them(
    browser: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form, feedback=Feedback.AT_END)
    given = answers_of(form, begun.attempt_id)
    for position, (keys, others) in given.items():
        save(begun.lease, position, position, *(others[:1] if position < 3 else keys))
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    page = squeezed(text_of(browser, f"/drills/{begun.attempt_id}/result/"))
    filled = re.findall(r'class="(?:button )?primary[^>]*>([^<]*)<', page.partition("<main")[2])
    assert filled == ["Look at the 2 you missed"]
    assert 'href="?show=incorrect#pane"' in page
    assert "2 of 5 questions" in text_of(browser, f"/drills/{begun.attempt_id}/result/?show=incorrect")


def test_a_result_leads_to_the_same_questions_again(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    browser.post(f"/drills/{begun.attempt_id}/finish/")
    page = text_of(browser, f"/drills/{begun.attempt_id}/result/")
    assert "No question answered" in page
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
    assert "Gyakorlás indítása" in text_of(browser, practice)


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
