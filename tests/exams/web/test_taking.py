"""Taking an exam: what the page holds and what it must not, and the whole road without JavaScript."""

import gzip
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.users.models import User
from exams.attempts import answers, lifecycle
from exams.attempts.models import AnswerEvent, Attempt, RefusedAnswer, State
from exams.web import page_cache, script_messages
from i18n import languages
from tests import clockwork, factories, snapshot
from tests.markup import squeezed

MORE: dict[str, dict[str, object]] = {"question": {"position": 1}, "paper": {"language": "hu"}}
CANARY = "zebra-crossing-7"
SECRET = ("is_key", "is_scored", "rationale", "difficulty", "medium", "Reason ", "principle", CANARY)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A request in Hungarian leaves its language behind in this thread."""
    with override("en"):
        yield


@pytest.fixture
def secret_form(db: None) -> factories.Form:
    """A form with a word planted in everything that is secret before the end."""
    return snapshot.first("secret form", lambda: factories.make_form(mark=CANARY))


@pytest.fixture
def attempt_id(anna: User, secret_form: factories.Form) -> UUID:
    """Anna's running attempt."""
    return factories.start(anna, secret_form).attempt_id


@pytest.fixture
def page(client: Client, anna: User) -> Client:
    """Anna's browser."""
    client.force_login(anna)
    return client


def at(name: str, attempt_id: UUID, **more: object) -> str:
    return reverse(f"exams:{name}", kwargs={"attempt_id": attempt_id, **more})


def test_the_page_holds_every_question_and_no_secret(page: Client, attempt_id: UUID) -> None:
    html = page.get(at("taking", attempt_id)).content.decode()
    assert html.count('class="wrap question" id="q') == 8
    assert "Answer 0 to E1-Q01" in html
    assert not [word for word in SECRET if word in html]


def test_no_page_of_a_running_attempt_holds_a_secret(page: Client, attempt_id: UUID) -> None:
    for url in (
        at("question", attempt_id, position=1),
        at("submit", attempt_id),
        at("paper", attempt_id, language="hu"),
    ):
        html = page.get(url).content.decode()
        assert not [word for word in SECRET if word in html], url


def test_the_page_holds_no_lease(page: Client, attempt_id: UUID, anna: User) -> None:
    taken = lifecycle.take_lease(user=anna, attempt_id=attempt_id, holder="session:other")
    assert taken.lease not in page.get(at("taking", attempt_id)).content.decode()


def test_single_questions_have_radios_and_multiple_ones_checkboxes(page: Client, attempt_id: UUID) -> None:
    html = page.get(at("taking", attempt_id)).content.decode()
    assert html.count('type="radio" name="q') == 7 * 4
    assert html.count('type="checkbox" name="q3"') == 5


def test_what_was_answered_comes_with_the_page(
    page: Client, attempt_id: UUID, anna: User, secret_form: factories.Form
) -> None:
    lifecycle.answer_without_script(
        user=anna, attempt_id=attempt_id, position=2, selected=(secret_form.keys[2][0],), flagged=True
    )
    html = page.get(at("taking", attempt_id)).content.decode()
    assert f'data-answers="[[2,[[{secret_form.keys[2][0]}],1]]]"' in html


@pytest.mark.parametrize(("said", "stored"), [("1", 1), ("3", 3), ("", None), ("4", None), ("guess", None)])
def test_how_sure_somebody_is_can_be_said_without_script(
    page: Client, attempt_id: UUID, secret_form: factories.Form, said: str, stored: int | None
) -> None:
    key = secret_form.keys[2][0]
    here = at("question", attempt_id, position=2)
    assert page.post(here, {"selected": [key], "confidence": said, "go": "save"}).status_code == 302
    assert [event.confidence for event in AnswerEvent.objects.all()] == [stored]
    html = squeezed(page.get(here))
    assert f'name="confidence" value="{stored or ""}" checked' in html
    assert (
        f"[[2,[[{key}],0{f',{stored}' if stored else ''}]]]"
        in page.get(at("taking", attempt_id)).content.decode()
    )


def test_a_change_of_confidence_alone_is_saved_and_the_same_again_is_not(
    page: Client, attempt_id: UUID, secret_form: factories.Form
) -> None:
    here, key = at("question", attempt_id, position=2), secret_form.keys[2][0]
    for said in ("1", "2", "2"):
        page.post(here, {"selected": [key], "confidence": said, "go": "next"})
    assert [event.confidence for event in AnswerEvent.objects.order_by("lease_no")] == [1, 2]


def test_the_compressed_page_is_the_plain_page(page: Client, attempt_id: UUID) -> None:
    plain = page.get(at("taking", attempt_id)).content
    packed = page.get(at("taking", attempt_id), headers={"Accept-Encoding": "br, gzip"})
    hide = re.compile(rb'(csrfmiddlewaretoken" value|data-left|datetime)="[^"]*"|\d:\d\d:\d\d')
    assert packed["Content-Encoding"] == "gzip"
    assert hide.sub(b"", gzip.decompress(packed.content)) == hide.sub(b"", plain)


def test_a_browser_that_refuses_gzip_gets_plain_text(page: Client, attempt_id: UUID) -> None:
    reply = page.get(at("taking", attempt_id), headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in reply
    assert b"</html>" in reply.content


def test_pieces_compressed_apart_join_to_one_stream() -> None:
    pieces = [page_cache.part("á" * 5000), page_cache.part("b" * 70_000, level=9), page_cache.part("")]
    assert gzip.decompress(page_cache.gzip_of(pieces)) == b"".join(piece.plain for piece in pieces)


@pytest.mark.parametrize("name", ["taking", "submit", "question", "paper"])
def test_no_page_of_an_attempt_may_be_kept(page: Client, attempt_id: UUID, name: str) -> None:
    more = MORE.get(name, {})
    assert page.get(at(name, attempt_id, **more))["Cache-Control"] == "no-store, private"


def test_without_javascript_the_page_leads_on_to_the_questions(page: Client, attempt_id: UUID) -> None:
    html = page.get(at("taking", attempt_id)).content.decode()
    first = at("question", attempt_id, position=1)
    assert f'<noscript><meta http-equiv="refresh" content="0; url={first}"></noscript>' in html
    assert f'<a href="{first}">' in html


def way_on(page: Client, attempt_id: UUID) -> str:
    """Return where the page leads who has no script."""
    found = re.search(
        r'http-equiv="refresh" content="0; url=([^"]+)"', page.get(at("taking", attempt_id)).content.decode()
    )
    assert found
    return found[1]


def test_without_javascript_a_resumed_exam_opens_the_question_shown_last(
    page: Client, attempt_id: UUID
) -> None:
    reply = page.get(at("question", attempt_id, position=5))
    cookie = reply.cookies["question"]
    assert (cookie["path"], cookie["httponly"], cookie["max-age"]) == (at("taking", attempt_id), True, "")
    assert way_on(page, attempt_id) == at("question", attempt_id, position=5)
    back = page.get(at("submit", attempt_id)).content.decode()
    assert f'href="{at("question", attempt_id, position=5)}"><svg' in back


@pytest.mark.parametrize("shown", ["0", "9", "-1", "5.5", "2e0", "99999999999", "' OR 1=1", ""])
def test_another_browser_goes_on_at_the_answer_given_last(
    page: Client, attempt_id: UUID, secret_form: factories.Form, shown: str
) -> None:
    for position in (6, 4):
        page.post(at("question", attempt_id, position=position), {"selected": secret_form.keys[position]})
    page.cookies["question"] = shown
    assert way_on(page, attempt_id) == at("question", attempt_id, position=4)


@pytest.mark.parametrize("name", ["taking", "question"])
def test_there_is_a_way_out_that_says_that_the_clock_runs_on(
    page: Client, attempt_id: UUID, name: str
) -> None:
    html = page.get(at(name, attempt_id, **MORE.get(name, {}))).content.decode()
    assert f'href="{reverse("exams:attempts")}">Leave (the clock keeps running)</a>' in html


@pytest.mark.parametrize("name", ["taking", "submit", "question", "paper", "cancel"])
@pytest.mark.parametrize("who", ["stranger", "nobody", "absent"])
def test_nobody_else_finds_the_attempt(
    client: Client, bela: User, anna: User, attempt_id: UUID, name: str, who: str
) -> None:
    if who != "nobody":
        client.force_login(bela if who == "stranger" else anna)
    more = MORE.get(name, {})
    url = at(name, uuid4() if who == "absent" else attempt_id, **more)
    reply = client.post(url) if name == "cancel" else client.get(url)
    assert reply.status_code == (302 if who == "nobody" else 404)
    if who == "nobody":
        assert reply["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["taking", "submit", "question", "paper"])
def test_an_ended_attempt_leads_to_its_result(page: Client, attempt_id: UUID, name: str) -> None:
    clockwork.leave_seconds(attempt_id, -31)
    more = MORE.get(name, {})
    reply = page.get(at(name, attempt_id, **more))
    assert (reply.status_code, reply["Location"]) == (302, at("result", attempt_id))


def test_the_other_language_has_the_same_options(
    page: Client, attempt_id: UUID, secret_form: factories.Form
) -> None:
    html = page.get(at("paper", attempt_id, language="hu")).content.decode()
    ids = {int(found) for found in re.findall(r'data-option="(\d+)"', html)}
    every = {option for position in secret_form.keys for option in secret_form.keys[position]} | {
        option for position in secret_form.others for option in secret_form.others[position]
    }
    assert ids == every
    assert "Válasz 0: E1-Q01" in html


def test_a_language_without_paper_is_not_found(page: Client, attempt_id: UUID) -> None:
    assert page.get(at("paper", attempt_id, language="de")).status_code == 404


def test_with_one_language_there_is_no_key_for_another(page: Client, anna: User, db: None) -> None:
    lonely = factories.make_form(languages=("en",))
    html = page.get(at("taking", factories.start(anna, lonely).attempt_id)).content.decode()
    assert "data-texts" not in html
    assert "<kbd>L</kbd>" not in html


def test_the_page_speaks_the_language_of_its_address(page: Client, attempt_id: UUID) -> None:
    html = page.get("/hu" + at("taking", attempt_id)).content.decode()
    assert '<html lang="hu"' in html
    assert '<div class="stem" lang="en">' in html


# --- Without JavaScript ------------------------------------------------------------------------------
def test_a_whole_exam_without_javascript(page: Client, attempt_id: UUID, secret_form: factories.Form) -> None:
    for position, keys in secret_form.keys.items():
        url = at("question", attempt_id, position=position)
        assert f"Question {position}" in page.get(url).content.decode()
        reply = page.post(url, {"selected": keys, "flagged": "0", "go": "next"})
        assert reply.status_code == 302
    assert reply["Location"] == at("submit", attempt_id)
    review = page.get(reply["Location"]).content.decode()
    assert "no answer." not in review
    assert page.post(at("submit", attempt_id))["Location"] == at("result", attempt_id)
    attempt = Attempt.objects.get(pk=attempt_id)
    assert attempt.state in (State.SUBMITTED, State.SCORED)
    assert {a.position: list(a.selected) for a in answers.current(attempt_id)} == secret_form.keys


def test_a_question_with_too_few_options_chosen_is_incomplete(
    page: Client, attempt_id: UUID, secret_form: factories.Form
) -> None:
    for position, few in ((1, 1), (3, 1)):
        sent = {"selected": secret_form.keys[position][:few], "flagged": "0", "go": "save"}
        reply = page.post(at("question", attempt_id, position=position), sent, follow=True)
    html = squeezed(reply)
    assert "Incomplete: this question asks for 2 options." in html
    assert 'data-state="incomplete" aria-current="true">3<span class="vh">, incomplete</span>' in html
    assert 'data-state="answered">1<span class="vh">, answered</span>' in html
    assert '<progress id="progress" max="8" value="1"' in html
    # It has a choice, so the start is none to take back.
    assert "data-cancel" not in html
    html = squeezed(page.get(at("submit", attempt_id)))
    assert "6 questions have no answer." in html
    assert "You&#x27;ve answered 2 of 8 questions, in full or in part. A score needs at least" in html
    assert "A guess costs nothing." not in html
    assert "1 question is incomplete: choose as many options as it asks for." in html
    facts = re.findall(r"<dt>(\w+)</dt><dd>(\d+)</dd>", html)
    assert facts == [("Answered", "1"), ("Unanswered", "6"), ("Incomplete", "1"), ("Flagged", "0")]
    (listed,) = re.findall(r'aria-labelledby="incomplete">(.*?)</section>', html)
    assert re.findall(r"<b>(\d+)</b>", listed) == ["3"]


def test_one_incomplete_question_alone_is_no_start_to_take_back(
    page: Client, attempt_id: UUID, secret_form: factories.Form
) -> None:
    here = at("question", attempt_id, position=3)
    assert "data-cancel" in squeezed(page.get(here))
    page.post(here, {"selected": secret_form.keys[3][:1], "flagged": "0", "go": "save"})
    html = squeezed(page.get(here))
    assert "data-cancel" not in html
    assert '<progress id="progress" max="8" value="0"' in html


def test_a_saved_answer_stands_in_the_form_again(
    page: Client, attempt_id: UUID, secret_form: factories.Form
) -> None:
    chosen = secret_form.others[1][0]
    url = at("question", attempt_id, position=1)
    reply = page.post(url, {"selected": [chosen], "flagged": "0", "go": "save"}, follow=True)
    assert f'value="{chosen}" checked' in reply.content.decode()
    assert reply.redirect_chain[0][0] == f"{url}?saved"


def test_flag_and_unflag_keep_the_choice(page: Client, attempt_id: UUID, secret_form: factories.Form) -> None:
    url = at("question", attempt_id, position=1)
    page.post(url, {"selected": secret_form.keys[1], "flagged": "0", "go": "flag"})
    assert answers.current(attempt_id)[0].flagged
    page.post(url, {"selected": secret_form.keys[1], "flagged": "1", "go": "unflag"})
    held = answers.current(attempt_id)[0]
    assert (held.flagged, list(held.selected)) == (False, secret_form.keys[1])


def test_paging_through_takes_the_exam_from_no_other_window(
    page: Client, attempt_id: UUID, anna: User
) -> None:
    taken = lifecycle.take_lease(user=anna, attempt_id=attempt_id, holder="session:other")
    page.post(at("question", attempt_id, position=1), {"flagged": "0", "go": "next"})
    assert Attempt.objects.get(pk=attempt_id).lease_no == taken.lease_no


@pytest.mark.parametrize("position", [0, 9, 501])
def test_a_question_that_is_not_there_is_not_found(page: Client, attempt_id: UUID, position: int) -> None:
    assert page.get(at("question", attempt_id, position=position)).status_code == 404


LATE = {
    "en": "Your answer to question 1 arrived after time was up and doesn't count.",
    "hu": "Egy válaszod az idő lejárta után érkezett, ezért nem számít (1. kérdés).",
}


@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.parametrize("language", languages.CODES)
def test_a_late_answer_is_recorded_and_the_person_is_told_which(
    page: Client, attempt_id: UUID, secret_form: factories.Form, language: str, swept: bool
) -> None:
    clockwork.leave_seconds(attempt_id, -31)
    if swept:
        lifecycle.expire(attempt_id)
    url = ("/hu" if language == "hu" else "") + at("question", attempt_id, position=1)
    reply = page.post(url, {"selected": secret_form.keys[1], "go": "save"}, follow=True)
    assert reply.redirect_chain[0][0].endswith(at("result", attempt_id))
    assert LATE[language] in unescape(reply.content.decode())
    recorded = RefusedAnswer.objects.get()
    assert (recorded.position, recorded.selected) == (1, secret_form.keys[1])
    assert recorded.reason == ("attempt_closed" if swept else "late")


def test_an_answer_after_a_submit_elsewhere_is_recorded_and_told(
    page: Client, attempt_id: UUID, anna: User, secret_form: factories.Form
) -> None:
    lifecycle.submit(user=anna, attempt_id=attempt_id, lease=None)
    url = at("question", attempt_id, position=2)
    reply = page.post(url, {"selected": secret_form.keys[2], "go": "next"}, follow=True)
    said = "Your answer to question 2 arrived after you submitted the exam and doesn't count."
    assert said in unescape(reply.content.decode())
    assert RefusedAnswer.objects.get().position == 2


def test_paging_on_after_the_end_loses_nothing_and_says_nothing(
    page: Client, attempt_id: UUID, secret_form: factories.Form
) -> None:
    url = at("question", attempt_id, position=1)
    page.post(url, {"selected": secret_form.keys[1], "flagged": "0", "go": "save"})
    clockwork.leave_seconds(attempt_id, -31)
    reply = page.post(url, {"selected": secret_form.keys[1], "flagged": "0", "go": "next"}, follow=True)
    assert "t saved" not in reply.content.decode()
    assert not RefusedAnswer.objects.exists()


def test_nonsense_after_the_end_only_leads_to_the_result(page: Client, attempt_id: UUID) -> None:
    clockwork.leave_seconds(attempt_id, -31)
    for sent in ({"selected": ["x"]}, {"selected": ["2147483647"]}):
        reply = page.post(at("question", attempt_id, position=1), sent)
        assert (reply.status_code, reply["Location"]) == (302, at("result", attempt_id))
    assert not RefusedAnswer.objects.exists()


def test_forms_without_a_token_are_refused(anna: User, attempt_id: UUID) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(anna)
    for name, more in (("question", {"position": 1}), ("submit", {}), ("cancel", {})):
        assert strict.post(at(name, attempt_id, **more)).status_code == 403
    assert Attempt.objects.get(pk=attempt_id).state == State.RUNNING


# --- Cancel -------------------------------------------------------------------------------------------
def test_a_mistaken_start_can_be_taken_back(page: Client, attempt_id: UUID) -> None:
    reply = page.post(at("cancel", attempt_id))
    assert reply["Location"] == reverse("exams:start", args=["mls-c01", 1])
    assert Attempt.objects.get(pk=attempt_id).state == State.VOIDED


@pytest.mark.parametrize("name", ["taking", "question", "submit", "paper"])
def test_a_page_with_questions_is_noted_once_and_the_cancel_says_so(
    page: Client, attempt_id: UUID, name: str
) -> None:
    assert Attempt.objects.get(pk=attempt_id).opened_at is None
    page.get(at(name, attempt_id, **MORE.get(name, {})))
    opened_at = Attempt.objects.get(pk=attempt_id).opened_at
    assert opened_at
    page.get(at(name, attempt_id, **MORE.get(name, {})))
    assert Attempt.objects.get(pk=attempt_id).opened_at == opened_at
    said = page.post(at("cancel", attempt_id), follow=True).content.decode()
    assert "Exam canceled. It doesn&#x27;t count" in said
    assert "You&#x27;ve seen its questions, so your next result for it will say so" in said
    assert "You've seen the questions of this exam before" in said


def test_a_start_that_was_never_opened_is_canceled_without_a_trace(page: Client, attempt_id: UUID) -> None:
    said = page.post(at("cancel", attempt_id), follow=True).content.decode()
    assert "Exam canceled. It doesn&#x27;t count." in said
    assert "You&#x27;ve seen its questions" not in said
    assert "seen the questions" not in said


def test_answer_clear_cancel_works(page: Client, attempt_id: UUID, secret_form: factories.Form) -> None:
    url = at("question", attempt_id, position=1)
    page.post(url, {"selected": secret_form.keys[1], "flagged": "0", "go": "save"})
    page.post(url, {"flagged": "0", "go": "save"})
    assert page.post(at("cancel", attempt_id))["Location"] == reverse("exams:start", args=["mls-c01", 1])
    assert Attempt.objects.get(pk=attempt_id).state == State.VOIDED


def test_without_script_a_cancel_is_offered_while_no_question_has_a_choice(
    page: Client, attempt_id: UUID, secret_form: factories.Form
) -> None:
    url, offer = at("question", attempt_id, position=1), f'action="{at("cancel", attempt_id)}"'
    assert offer in page.get(url).content.decode()
    page.post(url, {"flagged": "0", "go": "flag"})
    assert offer in page.get(url).content.decode()
    page.post(url, {"selected": secret_form.keys[1], "flagged": "0", "go": "save"})
    assert offer not in page.get(url).content.decode()


@pytest.mark.parametrize("name", ["taking", "question"])
def test_a_cancel_says_what_it_costs_and_asks_first_with_script_and_without(
    page: Client, attempt_id: UUID, settings: Any, name: str
) -> None:
    settings.EXAM_STARTS_PER_DAY = 7
    html = page.get(at(name, attempt_id, **({"position": 1} if name == "question" else {}))).content.decode()
    offer, question = (
        html.index('<button type="button" popovertarget="cancel">'),
        html.index("Cancel this exam?"),
    )
    assert html.count('type="submit">Cancel exam</button>') == 1
    assert offer < question < html.index("your next result for this exam will say so") < html.index("7 exams")
    assert html.index("7 exams") < html.index('type="submit">Cancel exam</button>')


def test_how_sure_somebody_is_goes_with_the_answer_without_script(
    page: Client, attempt_id: UUID, secret_form: factories.Form
) -> None:
    here = at("question", attempt_id, position=2)
    page.post(here, {"selected": secret_form.keys[2][:1], "confidence": "3", "go": "save"})
    page.post(here, {"confidence": "3", "go": "save"})
    assert [event.confidence for event in AnswerEvent.objects.order_by("lease_no")] == [3, None]


def test_after_an_answer_a_start_cannot_be_taken_back(
    page: Client, attempt_id: UUID, secret_form: factories.Form
) -> None:
    page.post(
        at("question", attempt_id, position=1),
        {"selected": secret_form.keys[1], "flagged": "0", "go": "save"},
    )
    assert page.post(at("cancel", attempt_id))["Location"] == at("taking", attempt_id)
    assert Attempt.objects.get(pk=attempt_id).state == State.RUNNING


def test_a_start_is_never_taken_back_by_looking(page: Client, attempt_id: UUID) -> None:
    assert page.get(at("cancel", attempt_id))["Location"] == at("taking", attempt_id)
    assert Attempt.objects.get(pk=attempt_id).state == State.RUNNING


def test_who_cancels_after_the_session_has_ended_is_led_back_to_the_exam(
    client: Client, anna: User, attempt_id: UUID
) -> None:
    asked = client.post(at("cancel", attempt_id))["Location"]
    client.force_login(anna)
    assert client.get(client.get(asked)["Location"])["Location"] == at("taking", attempt_id)


# --- Words --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", languages.CODES)
def test_every_phrase_of_the_script_is_there_in_every_language(language: str) -> None:
    with override(language):
        texts = script_messages.script_messages()
    assert all(phrase for phrase in texts.values())
    counted = [phrase for phrase in texts.values() if isinstance(phrase, list)]
    assert all(len(phrase) == len(script_messages.SAMPLES) for phrase in counted)
    json.dumps(texts)
