"""The check on pages and by API: where it is offered, the way to its result, and what that says."""

import re
from html import unescape
from uuid import UUID

import pytest
from django.test import Client, override_settings

from accounts.access import entitlements
from accounts.access.models import Entitlement
from accounts.profile.models import Accommodation, Profile
from accounts.users.models import User
from exams.assembly import sample as samples
from exams.assembly.models import FormItem
from exams.attempts.lifecycle import Started
from exams.attempts.models import Attempt
from tests import factories
from tests.accounts.selling import gateway, give, sell
from tests.exams.api.conftest import Caller
from tests.exams.attempts.practice import CHECK_DOMAINS, check, finish_check, finish_exam, make_check
from tests.exams.web.test_pages import overdue, signed_in, text_of
from tests.factories import Form, make_sample
from tests.flashcards import decks
from tests.flows.test_archive import made, rows
from tests.markup import squeezed

pytestmark = pytest.mark.django_db

PAGE = "/mls-c01/check/"
ALL = frozenset(range(1, 21))
MIXED = ALL - {6, 11, 15, 16, 19, 20}
END = "/mls-c01/sample/?a=" + ".".join("-" * 10)
BUTTON = f'href="{PAGE}"'


@pytest.fixture
def locked(form: Form) -> Form:
    """A certification that is sold, with a sample of twenty."""
    make_check(form)
    sell()
    return form


def page(client: Client, path: str) -> str:
    return unescape(client.get(path).content.decode())


# --- Where it is offered


@pytest.mark.parametrize(
    ("language", "name", "what", "once"),
    [
        (
            "",
            "Where do you stand?",
            "20 questions from all domains in 25 minutes.",
            "Only the first time counts.",
        ),
        (
            "/hu",
            "Hol tartasz?",
            "20 kérdés minden témakörből, 25 perc alatt.",
            "Csak az első alkalom számít.",
        ),
    ],
)
def test_the_welcome_says_what_it_is_and_leads_to_its_start_page(
    anna: User, locked: Form, language: str, name: str, what: str, once: str
) -> None:
    browser = signed_in(anna)
    found = page(browser, f"{language}/mls-c01/")
    text = text_of(browser.get(f"{language}/mls-c01/"))
    assert f'<h2 id="next-step">{name}</h2>' in found
    assert once in text
    assert what in text
    assert found.count(f'href="{language}{PAGE}"') == 1


def test_a_visitor_is_led_to_an_account_and_back_to_the_certification(client: Client, locked: Form) -> None:
    found = page(client, "/mls-c01/")
    panel = found.partition('aria-labelledby="free"')[2].partition("</section>")[0]
    assert 'href="/accounts/signup/?next=/mls-c01/"' in panel
    assert "csrfmiddlewaretoken" not in found
    assert BUTTON not in found
    reply = client.post(PAGE)
    assert reply["Location"] == f"/accounts/login/?next={PAGE}"
    assert not Attempt.objects.exists()


def test_who_signs_up_from_the_home_page_reads_what_comes_next(client: Client, locked: Form) -> None:
    assert f'href="/accounts/signup/?next={PAGE}"' in page(client, "/")
    assert "Next: 20 free questions" in text_of(client.get(f"/accounts/signup/?next={PAGE}"))
    assert "Utána: 20 ingyenes kérdés" in text_of(client.get(f"/hu/accounts/signup/?next=/hu{PAGE}"))


def test_a_sample_of_ten_offers_none(anna: User, form: Form) -> None:
    make_sample(form.form.certification)
    browser = signed_in(anna)
    for path in ("/mls-c01/", END):
        assert "Where do you stand?" not in page(browser, path)
    assert browser.get(PAGE).status_code == 404
    assert browser.post(PAGE).status_code == 404
    assert browser.post("/absent/check/").status_code == 404


def test_visitors_try_ten_of_twenty_as_before(client: Client, locked: Form) -> None:
    assert 'Sample question 1 <span class="meta">of 10</span>' in " ".join(
        page(client, "/mls-c01/sample/").split()
    )
    text = text_of(client.get("B".join(END.rsplit("-", 3)).replace("-.-.-.-.-.-", "B.B.B.B.B.B")))
    assert "9 of 9 correct." in text
    assert "The error band runs from" in text
    assert "expect an estimate that's too high" in text
    assert 'href="/accounts/signup/?next=/mls-c01/"' in page(client, END)
    assert "S11" not in page(client, "/mls-c01/sample/?a=" + ".".join("-" * 12))


def test_where_the_check_asks_other_questions_nothing_warns_of_the_sample(anna: User, form: Form) -> None:
    make_sample(form.form.certification, domains=(1,) * 10 + CHECK_DOMAINS)
    browser = signed_in(anna)
    end = text_of(browser.get(END))
    assert "You'll get other questions than these." in end
    assert "The questions are always the same" not in end
    assert "sample questions" not in text_of(browser.get(PAGE))
    begun = check(anna, form)
    finish_check(anna, begun, right=range(1, 21))
    assert "questions are among these" not in text_of(browser.get(f"/drills/{begun.attempt_id}/result/"))


def test_the_result_of_a_check_counts_each_domain_and_says_that_it_is_too_few(anna: User, form: Form) -> None:
    make_sample(form.form.certification, domains=(1,) * 10 + CHECK_DOMAINS)
    begun = check(anna, form)
    finish_check(anna, begun, right=range(1, 21))
    found = page(signed_in(anna), f"/drills/{begun.attempt_id}/result/")
    counts = re.findall(r"<dt>Domain (\d)</dt><dd>(\d+) of (\d+)</dd>", found)
    assert [int(number) for number, *_ in counts] == sorted(set(CHECK_DOMAINS))
    assert all(correct == total for _, correct, total in counts)
    assert sum(int(total) for *_, total in counts) == 20
    assert "too few to say how good you are in it" in " ".join(found.split())


def test_the_end_of_the_sample_starts_it_too(anna: User, locked: Form) -> None:
    assert BUTTON in page(signed_in(anna), END)


def main_button(found: str) -> str:
    """Return the one primary button of a page."""
    [button] = re.findall(r'<(?:a|button) class="(?:button )?primary"[^>]*>', found.partition("<main")[2])
    return str(button)


def test_at_the_end_of_the_sample_the_main_button_leads_to_what_is_free(
    client: Client, anna: User, locked: Form
) -> None:
    """The full exam, which is locked, is named with its price."""
    with gateway():
        found = page(client, END)
    assert 'href="/accounts/signup/?next=/mls-c01/"' in main_button(found)
    assert "It's part of full access, which costs €29." in " ".join(found.split())
    assert "/exams/1/" not in found.partition("<main")[2]
    assert main_button(page(signed_in(anna), END)) == f'<a class="button primary" {BUTTON}>'
    with gateway():
        assert "a teljes hozzáférés része, amelynek ára 9" in text_of(client.get(f"/hu{END}"))


def test_without_a_check_the_end_of_the_sample_leads_to_what_full_access_costs(
    client: Client, form: Form
) -> None:
    make_sample(form.form.certification)
    assert "next=/mls-c01/exams/1/" in main_button(page(client, END))
    sell()
    found = page(client, END)
    assert 'href="/pricing/"' in main_button(found)
    assert "It's part of full access" in found


# --- The start page


def main_form(found: str) -> str:
    """Return the form of a page without an address: it posts to its own."""
    return found.partition('method="post">')[2].partition("</form>")[0]


@pytest.mark.parametrize(
    ("language", "rules", "warned"),
    [
        (
            "",
            [
                "20 questions from all domains in 25 minutes, with every answer explained at the end.",
                "Only the first time gives you an estimate.",
                "Answer all 20: with one left blank, there's no estimate.",
                "The clock starts when you press the button",
                "10 of them are the sample questions",
            ],
            "so only the first time is a measurement.",
        ),
        (
            "/hu",
            [
                "20 kérdés minden témakörből, 25 perc alatt",
                "Csak az első alkalommal kapsz becslést.",
                "Válaszolj minden kérdésre (20 van)",
                "Az óra a gombnyomásra indul",
                "10 közülük megegyezik a mintakérdésekkel",
            ],
            "csak az első alkalom mérés.",
        ),
    ],
)
def test_a_look_says_the_rules_and_starts_no_clock(
    anna: User, locked: Form, language: str, rules: list[str], warned: str
) -> None:
    browser, path = signed_in(anna), f"{language}{PAGE}"
    text = text_of(browser.get(path))
    for rule in rules:
        assert rule in text
    assert warned not in text
    assert f'href="{language}/mls-c01/"' in main_form(page(browser, path))
    assert not Attempt.objects.exists()
    finish_check(anna, check(anna, locked), ALL)
    text = text_of(browser.get(path))
    assert warned in text
    assert rules[1] not in text


def test_the_start_page_names_the_minutes_with_extra_time(anna: User, locked: Form) -> None:
    Profile.objects.create(user=anna, accommodation=Accommodation.PERCENT_100)
    assert "in 50 minutes" in text_of(signed_in(anna).get(PAGE))


# --- The way through


def test_without_script_it_goes_from_the_button_to_the_result(anna: User, locked: Form) -> None:
    browser = signed_in(anna)
    assert "Start the check" in main_form(page(browser, PAGE))
    drill = browser.post(PAGE)["Location"]
    assert browser.get(PAGE)["Location"] == drill
    assert re.search("(24|25) min left", text_of(browser.get(f"{drill}questions/1/")))
    paper = page(browser, drill)
    assert "MLS-C01: Where do you stand?" in paper
    assert "Answer 0 to S20" in paper
    assert "Reason" not in paper
    assert browser.post(PAGE)["Location"] == drill
    assert browser.get(f"{drill}result/")["Location"] == drill
    assert browser.post(f"{drill}submit/")["Location"] == f"{drill}result/"
    text = text_of(browser.get(f"{drill}result/"))
    assert "0 of 20 correct" in text
    assert "it takes an answer to each of the 20 questions." in text


def test_nothing_else_can_be_asked_for_than_the_sample(anna: User, locked: Form) -> None:
    browser, calls = signed_in(anna), Caller(anna)
    asked = {"pool": "all", "number": "65", "minutes": "600", "feedback": "at_once", "positions": "1"}
    browser.post(PAGE, asked)
    attempt = Attempt.objects.get()
    assert (attempt.minutes_allowed, attempt.feedback) == (25, "at_end")
    assert attempt.drawn
    assert attempt.drawn.version_ids == samples.check_versions(locked.form.certification)
    assert browser.post("/mls-c01/practice/", {**asked, "pool": "check"}).status_code == 422
    assert calls.post("drills/", {"certification": "mls-c01", "pool": "check"})[0] == 422
    assert calls.post("drills/", {"certification": "mls-c01"})[1]["code"] == "no_access"
    assert Attempt.objects.count() == 1


def test_the_result_has_the_estimate_on_the_scale_and_what_it_does_not_tell(anna: User, locked: Form) -> None:
    begun = check(anna, locked)
    finish_check(anna, begun, MIXED)
    browser = signed_in(anna)
    path = f"/drills/{begun.attempt_id}/result/"
    text = text_of(browser.get(path))
    assert "707, close to the pass line 14 of 20 correct · Where do you stand?" in text
    assert "707, közel a ponthatárhoz 20 kérdésből 14 helyes" in text_of(browser.get(f"/hu{path}"))
    assert "Our estimate is 707, with an error band from 505 to 865. The pass line is at 750." in text
    assert "The band reaches across it, so it could go either way." in text
    assert "Score 707 on the scale from 100 to 1000" in text
    assert "We estimate that 8 in 10 results on 20 other questions like these would be in this band." in text
    for words in (
        "Whether you'd pass. 20 questions are too few for that",
        "Each domain has only 4 to 6 of these questions: too few",
        "Its 10 questions are among these",
        "Reason 1 of S01",
    ):
        assert words in text
    found = page(browser, path)
    assert f"/attempts/{begun.attempt_id}/practice/" not in found
    assert "Practice has no scaled score" not in found
    assert BUTTON in found
    hungarian = text_of(browser.get(f"/hu{path}"))
    assert "Becslésünk szerint 707 pontnál tartasz, hibasáv: 505\N{EN DASH}865." in hungarian


@pytest.mark.parametrize(
    ("correct", "side"),
    [(frozenset({1, 2}), "The whole band is below it."), (ALL, "The whole band is above it.")],
)
def test_the_result_says_on_which_side_of_the_line_its_whole_band_is(
    anna: User, locked: Form, correct: frozenset[int], side: str
) -> None:
    begun = check(anna, locked)
    finish_check(anna, begun, correct)
    text = text_of(signed_in(anna).get(f"/drills/{begun.attempt_id}/result/"))
    assert side in text
    assert "The side of the line is a sign, but 20 questions are too few for more than that." in text
    assert "the band is wide" not in text


def test_the_result_lists_how_each_question_went_before_it_explains_them(anna: User, locked: Form) -> None:
    begun = check(anna, locked)
    finish_check(anna, begun, MIXED)
    browser = signed_in(anna)
    listed, _, _explained = page(browser, f"/drills/{begun.attempt_id}/result/").partition('id="pane"')
    rows = re.findall(r'<li id="q(\d+)">.*?data-tone="(right|wrong)"', listed, re.DOTALL)
    assert [int(n) for n, tone in rows if tone == "right"] == sorted(MIXED)
    assert len(rows) == 20


@pytest.mark.parametrize(
    ("correct", "blank", "show"),
    [(MIXED, {1}, "incorrect"), ({1}, ALL - {1}, "unanswered")],
)
def test_the_main_button_of_the_result_leads_to_questions_that_were_missed(
    anna: User, locked: Form, correct: frozenset[int], blank: set[int], show: str
) -> None:
    begun = check(anna, locked)
    finish_check(anna, begun, correct, blank=blank)
    path, browser = f"/drills/{begun.attempt_id}/result/", signed_in(anna)
    assert f'href="?show={show}#pane"' in main_button(page(browser, path))
    assert "No questions match" not in page(browser, f"{path}?show={show}")


def test_without_access_the_result_names_a_free_step_and_what_a_full_exam_costs(
    anna: User, bela: User, locked: Form
) -> None:
    decks.make_deck(locked.form.certification)
    begun, own = check(anna, locked), check(bela, locked)
    finish_check(anna, begun, ALL)
    finish_check(bela, own, ALL)
    give(bela)
    with gateway():
        found = page(signed_in(anna), f"/drills/{begun.attempt_id}/result/")
        other = page(signed_in(bela), f"/drills/{own.attempt_id}/result/")
    assert 'href="/pricing/"' in main_button(found)
    assert "It's part of full access, which costs €29." in " ".join(found.split())
    assert re.search(r'<a class="button" href="/mls-c01/flashcards/[^"]*">Learn \d+ cards</a>', found)
    assert 'href="/mls-c01/"' in main_button(other)
    assert "full access" not in other


def test_the_result_says_that_time_ran_out(anna: User, locked: Form) -> None:
    begun = check(anna, locked)
    path, browser = f"/drills/{begun.attempt_id}/result/", signed_in(anna)
    overdue(begun.attempt_id, 60)
    assert "· time ran out" in text_of(browser.get(path))
    assert "· lejárt az idő" in text_of(browser.get(f"/hu{path}"))
    ended = check(anna, locked)
    finish_check(anna, ended, ALL)
    assert "time ran out" not in text_of(browser.get(f"/drills/{ended.attempt_id}/result/"))


def test_a_repeated_one_says_that_it_measures_nothing(anna: User, locked: Form) -> None:
    finish_check(anna, check(anna, locked), MIXED)
    again = check(anna, locked)
    finish_check(anna, again, ALL)
    text = text_of(signed_in(anna).get(f"/drills/{again.attempt_id}/result/"))
    assert "20 of 20 correct" in text
    assert "There's no estimate this time: you had already seen these questions" in text
    assert "error band" not in text


def test_my_exams_and_practice_name_it_with_its_band(anna: User, locked: Form) -> None:
    begun = check(anna, locked)
    browser = signed_in(anna)
    assert "Where do you stand?" in page(browser, "/attempts/")
    finish_check(anna, begun, MIXED)
    for path in ("/attempts/", "/mls-c01/practice/"):
        text = text_of(browser.get(path))
        assert "Where do you stand?" in text
        assert "error band 505 to 865" in text
        assert "70% correct" in text


@pytest.mark.parametrize(
    ("language", "warning"),
    [
        ("", "Answer every question to get your estimate. Only the first check gives one."),
        ("/hu", "Válaszolj minden kérdésre, hogy becslést kapj. Csak az első kitöltés ad becslést."),
    ],
)
def test_before_finishing_the_first_one_says_that_the_estimate_takes_every_answer(
    anna: User, locked: Form, language: str, warning: str
) -> None:
    """The page with script says it in both notices and the dialog, the one without where it applies."""
    browser, begun = signed_in(anna), check(anna, locked)
    taking, before = f"{language}/drills/{begun.attempt_id}/", f"{language}/drills/{begun.attempt_id}/submit/"
    assert page(browser, taking).count(warning) == 3
    assert page(browser, before).count(warning) == 1
    finish_check(anna, begun, ALL)
    again = check(anna, locked)
    assert warning not in page(browser, f"{language}/drills/{again.attempt_id}/")
    assert warning not in page(browser, f"{language}/drills/{again.attempt_id}/submit/")


def test_the_end_of_the_sample_resumes_the_one_that_runs_and_shows_the_result_of_the_one_that_ended(
    anna: User, locked: Form
) -> None:
    browser, begun = signed_in(anna), check(anna, locked)
    panel = page(browser, END).partition('id="check-yourself"')[2].partition("</section>")[0]
    assert f'href="/drills/{begun.attempt_id}/">Resume</a>' in panel
    assert re.search(r"2[45] min left\.", panel)
    assert "Start the check" not in panel
    finish_check(anna, begun, MIXED)
    text = text_of(browser.get(END))
    assert "14 of 20 correct. Our estimate is 707, with an error band from 505 to 865." in text
    assert "the first time gives you an estimate" not in text
    assert f'href="/drills/{begun.attempt_id}/result/">See the result</a>' in page(browser, END)
    assert "Becslésünk szerint 707 pontnál tartottál, hibasáv: 505" in text_of(browser.get(f"/hu{END}"))


def test_after_one_without_an_estimate_the_end_of_the_sample_promises_none(anna: User, locked: Form) -> None:
    finish_check(anna, check(anna, locked), MIXED, blank={1})
    text = text_of(signed_in(anna).get(END))
    assert "It gave no estimate." in text
    assert "the first time gives you an estimate" not in text


def test_the_home_shows_its_estimate_until_exams_say_more(anna: User, locked: Form) -> None:
    browser = signed_in(anna)
    give(anna)
    before = page(browser, "/mls-c01/")
    assert f"{BUTTON}>Take the free check first</a>" in before
    assert "Try 10 questions first" not in before and "a first estimate of where you stand" in before
    begun = check(anna, locked)
    finish_check(anna, begun, MIXED)
    text = text_of(browser.get("/mls-c01/"))
    assert "Readiness estimate 707 on the scale" in text
    assert "The error band runs from 505 to 865." in text
    assert "“Where do you stand?”: 20 questions on " in text
    assert "0 of 20 so far" not in text
    assert "The check gave you a first estimate." in text
    assert "a first estimate of where you stand" not in text
    found = page(browser, "/mls-c01/")
    assert f'href="/drills/{begun.attempt_id}/result/"' in found
    assert "Take the free check first" not in found and "Try 10 questions first" not in found
    hungarian = text_of(browser.get("/hu/mls-c01/"))
    assert "becslés: 707" in hungarian
    # A Hungarian date ends with a full stop of its own.
    assert ".." not in hungarian


def test_the_locked_exams_lead_to_the_check(client: Client, anna: User, locked: Form) -> None:
    path = "/mls-c01/exams/"
    assert f'href="/accounts/signup/?next={PAGE}">Take the free check first</a>' in page(client, path)
    browser = signed_in(anna)
    assert '<a class="button primary" href="/pricing/">Unlock full access</a>' in page(browser, path)
    assert page(browser, path).count("button primary") == 1
    with gateway():
        assert "They're part of full access, which costs €29." in text_of(browser.get(path))
    assert f'href="{PAGE}">Take the free check first</a>' in page(browser, path)
    begun = check(anna, locked)
    assert f'href="/drills/{begun.attempt_id}/">Resume<' in page(browser, path)
    assert "Take the free check first" not in page(browser, path)
    finish_check(anna, begun, MIXED)
    assert "See your check result" in page(browser, path)
    give(anna)
    assert "full access" not in page(browser, path)


def test_practice_shows_the_running_check_once(anna: User, locked: Form) -> None:
    browser, path = signed_in(anna), "/mls-c01/practice/"
    assert page(browser, path).count("Where do you stand?") == 1
    begun = check(anna, locked)
    assert page(browser, path).count(f'class="button" href="/drills/{begun.attempt_id}/"') == 1
    Attempt.objects.filter(pk=begun.attempt_id).update(hidden_at=entitlements.now())
    assert page(browser, path).count(f'class="button" href="/drills/{begun.attempt_id}/"') == 1


def test_after_the_check_alone_practice_says_where_the_other_questions_are(anna: User, locked: Form) -> None:
    browser, path = signed_in(anna), "/mls-c01/practice/"
    give(anna)
    finish_check(anna, check(anna, locked), MIXED)
    questions = FormItem.objects.filter(edition__form=locked.form).count()
    assert f"Your {questions} questions wait in the exams" in text_of(browser.get(path))
    browser.post(path, {"open": "1"})
    assert "questions wait in the exams" not in text_of(browser.get(path))


def test_my_exams_with_nothing_but_a_check_says_that_there_is_no_result(anna: User, locked: Form) -> None:
    browser = signed_in(anna)
    finish_check(anna, check(anna, locked), MIXED)
    assert "No results yet. Your first result will appear here" in text_of(browser.get("/attempts/"))
    give(anna)
    finish_exam(anna, locked)
    assert "No results yet" not in text_of(browser.get("/attempts/"))


def test_a_locked_exam_leads_to_the_result_of_the_check(anna: User, locked: Form) -> None:
    browser = signed_in(anna)
    assert "Try 10 questions first" in text_of(browser.get("/mls-c01/exams/1/"))
    begun = check(anna, locked)
    finish_check(anna, begun, MIXED)
    found = page(browser, "/mls-c01/exams/1/")
    assert f'href="/drills/{begun.attempt_id}/result/">See your check result</a>' in found
    assert "questions first" not in found


def test_while_the_check_runs_a_locked_exam_does_not_lead_to_the_sample(anna: User, locked: Form) -> None:
    check(anna, locked)
    assert "questions first" not in text_of(signed_in(anna).get("/mls-c01/exams/1/"))


def test_who_has_access_or_had_a_result_is_not_led_from_an_exam_to_the_sample(
    anna: User, locked: Form
) -> None:
    browser = signed_in(anna)
    give(anna)
    assert "questions first" not in text_of(browser.get("/mls-c01/exams/1/"))
    finish_exam(anna, locked)
    factories.make_form(locked.form.certification, number=2)
    entitlements.end(Entitlement.objects.all(), at=entitlements.now(), actor=None, reason="test")
    text = text_of(browser.get("/mls-c01/exams/2/"))
    assert "Unlock full access" in text
    assert "questions first" not in text


def test_the_rules_before_an_exam_are_folded_after_the_first_result(anna: User, locked: Form) -> None:
    browser = signed_in(anna)
    give(anna)
    folded = '<details class="more"><summary><h2>Before you start'
    assert folded not in squeezed(browser.get("/mls-c01/exams/1/"))
    finish_exam(anna, locked)
    found = squeezed(browser.get("/mls-c01/exams/1/"))
    assert folded in found
    assert found.index("Passing score") < found.index(folded)


def test_after_one_without_an_estimate_the_home_counts_no_questions(anna: User, locked: Form) -> None:
    give(anna)
    finish_check(anna, check(anna, locked), MIXED, blank={1})
    text = text_of(signed_in(anna).get("/mls-c01/"))
    assert "Your answers in the check don't count here" in text
    assert "0 of 20 so far" not in text


def test_behind_newer_drills_the_home_still_knows_its_estimate(
    anna: User, locked: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(anna)
    finish_check(anna, check(anna, locked), MIXED)
    finish_check(anna, check(anna, locked), MIXED)
    monkeypatch.setattr("exams.web.progress.NEWEST_DRILLS", 1)
    assert "estimate 707" in text_of(signed_in(anna).get("/mls-c01/"))


# --- Refusals


def test_who_has_not_confirmed_their_address_is_told_so_and_offered_nothing_to_buy(locked: Form) -> None:
    newcomer = factories.make_user(verified=False)
    reply = signed_in(newcomer).post(PAGE)
    assert reply.status_code == 403
    text = unescape(reply.content.decode()).partition("<main")[2].partition("</main>")[0]
    assert "Confirm your email address first." in text
    assert "Unlock full access" not in text


@override_settings(CHECK_STARTS_PER_DAY=1)
def test_too_many_of_a_day_are_refused_on_a_page(anna: User, locked: Form) -> None:
    finish_check(anna, check(anna, locked), ALL)
    reply = signed_in(anna).post(PAGE)
    assert reply.status_code == 429
    assert "Try again tomorrow." in unescape(reply.content.decode())


# --- API and archive


def test_the_api_starts_it_once_and_tells_the_estimate(anna: User, locked: Form) -> None:
    calls = Caller(anna)
    status, begun = calls.post("certifications/mls-c01/check/")
    assert (status, begun["check"], begun["estimate"], len(begun["items"])) == (201, True, None, 20)
    assert begun["lease"]
    status, again = calls.post("certifications/mls-c01/check/")
    assert (status, again["id"], again["lease"]) == (200, begun["id"], None)
    assert calls.post("certifications/absent/check/")[0] == 404
    finish_check(anna, Started(UUID(begun["id"]), created=True, lease=begun["lease"]), MIXED)
    _, [listed] = calls.get("drills/")
    assert (listed["check"], listed["raw"]) == (True, 14)
    assert listed["estimate"] == {
        "scaled_score": 707,
        "band_low": 505,
        "band_high": 865,
        "scale_min": 100,
        "scale_max": 1000,
        "pass_mark": 750,
    }


def test_the_archive_has_the_check_with_its_estimate(anna: User, locked: Form) -> None:
    finish_check(anna, check(anna, locked), MIXED)
    files = made(anna)
    [drill], [score] = rows(files, "drills"), rows(files, "scores")
    assert drill["filters"] == {"pool": "check", "number": 20, "first": True}
    assert score["result"]["estimate"] == [707, 505, 865, 100, 1000, 750]
    assert len(rows(files, "reviews")) == 20
