"""The states of the pages that people look at: by name, who sees it and how it is opened."""

import datetime as dt
import uuid

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.csp import build_policy
from django.utils.translation import override
from playwright.sync_api import FilePayload, Page, expect

from tests import clockwork
from tests.browser import sale_states  # its pages are added by importing it
from tests.browser.cast import Cast
from tests.browser.conftest import settled
from tests.browser.house import Person
from tests.browser.stages import PAGES, Open, plain, shown

__all__ = ["LANGUAGES", "PAGES", "leave", "take"]

LANGUAGES = ("en", "hu")
ERRORS = ("400", "403", "403_csrf", "429", "500", "503")
OPENED = "forEach((part) => { part.open = true; })"

plain("catalog", "/")
plain("landing", "/mls-c01/")
plain("landing, running", "/mls-c01/", "anna")
plain("about, signed in", "/mls-c01/about/", "anna")
plain("catalog, running", "/", "anna")
plain("sample", "/mls-c01/sample/")
plain("sample, answered", "/mls-c01/sample/?c=A")
plain("sample, incomplete", "/mls-c01/sample/?a=-.-.-.-.-.-&q=7")
plain("sample, the end", "/mls-c01/sample/?a=-.-.-.-.-.-.-.-.-.-")
plain("corrections, none", "/mls-c01/corrections/")
plain("sheet", "/mls-c01/cheatsheet/")
plain("sheet, searched", "/mls-c01/cheatsheet/?q=amazon+s3")
plain("sheet, nothing found", "/mls-c01/cheatsheet/?q=unobtainium")
plain("own sheet", "/mls-c01/cheatsheet/mine/", "learner")
plain("own sheet, empty", "/mls-c01/cheatsheet/mine/", "new")
plain("search", "/mls-c01/search/")
plain("search, found", "/mls-c01/search/?q=amazon+s3")
plain("search, own questions found", "/mls-c01/search/?q=amazon+s3", "learner")
plain("search, more of one kind", "/mls-c01/search/?q=amazon+s3&kind=sheet&page=2", "learner")
plain("search, nothing found", "/mls-c01/search/?q=unobtainium")
plain("search, refused", f"/mls-c01/search/?q={'many+words+' * 20}")
plain("flashcards", "/mls-c01/flashcards/")
plain("flashcards, signed in", "/mls-c01/flashcards/", "new")
plain("flashcards, studied", "/mls-c01/flashcards/", "learner")
plain("flashcards, found", "/mls-c01/flashcards/?q=the&stage=new", "learner")
plain("studying a card", "/mls-c01/flashcards/study/", "new")
plain("studying what is due", "/mls-c01/flashcards/study/", "learner")
plain("study settings", "/mls-c01/flashcards/settings/", "new")
plain("own cards, none", "/mls-c01/flashcards/own/", "new")
plain("own cards", "/mls-c01/flashcards/own/", "learner")
plain("own cards, a new one", "/mls-c01/flashcards/own/new/", "new")
plain("own cards, from a file", "/mls-c01/flashcards/own/import/", "new")
plain("study statistics, none", "/mls-c01/flashcards/statistics/", "new")
plain("study statistics", "/mls-c01/flashcards/statistics/", "learner")
plain("how a score is calculated", "/how-scoring-works/")
plain("privacy", "/privacy/")
plain("terms", "/terms/")
plain("imprint", "/imprint/")
plain("contact", "/contact/")
plain("accessibility statement", "/accessibility/")
plain("start, nobody", "/mls-c01/exams/1/")
plain("start", "/mls-c01/exams/1/", "new")
plain("start, running", "/mls-c01/exams/1/", "anna")
plain("question without script", "/attempts/{running}/questions/1/", "anna")
plain("several answers without script", "/attempts/{running}/questions/{several}/", "anna")
plain("a table without script", "/attempts/{running}/questions/11/", "anna")
plain("a figure without script", "/attempts/{running}/questions/40/", "anna")
plain("before submitting without script", "/attempts/{running}/submit/", "anna")
plain("result, passed", "/attempts/{passed}/result/", "reader")
plain("result, failed", "/attempts/{failed}/result/", "reader")
plain("review, nothing found", "/attempts/{passed}/review/?show=flagged&topic=1", "reader")
plain("review, closed", "/attempts/{annas}/review/", "anna")
plain("your reports", "/problem-reports/", "reader")
plain("your reports, none", "/problem-reports/", "new")
plain("result, timed", "/attempts/{timed}/result/", "thorough")
plain("review, sure but incorrect", "/attempts/{timed}/review/?show=sure", "thorough")
plain("my exams, none", "/attempts/", "new")
plain("my exams", "/attempts/", "anna")
plain("my exams, several results", "/attempts/", "thorough")
plain("home, nothing yet", "/mls-c01/", "new")
plain("home", "/mls-c01/", "anna")
plain("home, several results", "/mls-c01/", "thorough")
plain("home, cards due", "/mls-c01/", "learner")
plain("exams, visitor", "/mls-c01/exams/")
plain("exams, nothing yet", "/mls-c01/exams/", "new")
plain("exams", "/mls-c01/exams/", "thorough")
plain("notebook, nothing yet", "/mls-c01/notebook/", "new")
plain("notebook", "/mls-c01/notebook/", "reader")
plain("notebook, nothing found", "/mls-c01/notebook/?words=unobtainium", "reader")
plain("practice, visitor", "/mls-c01/practice/")
plain("practice, nothing opened", "/mls-c01/practice/", "new")
plain("practice", "/mls-c01/practice/", "driller")
plain("drill", "/drills/{drill}/", "driller")
plain("drill, correct", "/drills/{drill}/?q=1", "driller")
plain("drill, incorrect", "/drills/{drill}/?q=2", "driller")
plain("drill, answers at the end without script", "/drills/{late_drill}/questions/1/", "driller")
plain("drill, before finishing without script", "/drills/{late_drill}/submit/", "driller")
plain("my exams, practice", "/attempts/", "driller")
plain("my exams, hidden drills", "/attempts/?drills=hidden", "driller")
plain("drill result", "/drills/{drilled}/result/", "driller")
plain("sign in", "/accounts/login/")
plain("sign in by code", "/accounts/login/code/?next=/mls-c01/exams/1/")
plain("sign up", "/accounts/signup/")
plain("reset", "/accounts/password/reset/")
plain("reset, done", "/accounts/password/reset/done/")
plain("reset, old link", "/accounts/password/reset/key/1-none/")
plain("confirm, sent", "/accounts/confirm-email/")
plain("confirm, old link", "/accounts/confirm-email/none/")
plain("profile", "/accounts/profile/", "new")
plain("addresses", "/accounts/email/", "new")
plain("password", "/accounts/password/change/", "new")
plain("two-step sign-in", "/accounts/2fa/", "new")
plain("confirm it is you", "/accounts/2fa/totp/activate/", "new")
plain("passkeys", "/accounts/2fa/webauthn/", "new")
plain("sessions", "/accounts/sessions/", "new")
plain("confirm this browser", "/accounts/profile/", "asked")
plain("confirm this browser, exam running", "/mls-c01/", "examinee")
plain("sign out", "/accounts/logout/", "new")
plain("absent", "/absent/and/absent/")
plain("absent, signed in", "/absent/and/absent/", "new")


def take(person: Person, page: Page, cast: Cast, place: str = "#q1") -> None:
    page.goto("about:blank")
    with page.expect_response("**/lease/"):
        page.goto(person.address(f"/attempts/{cast.running}/{place}"))
    expect(page.locator("dialog[open]")).to_have_count(0)


def take_drill(person: Person, page: Page, cast: Cast, place: str = "#q1") -> None:
    page.goto("about:blank")
    with page.expect_response("**/lease/"):
        page.goto(person.address(f"/drills/{cast.late_drill}/{place}"))


@shown("drill, answers at the end", "driller")
def _drill_at_end(person: Person, page: Page, cast: Cast) -> None:
    take_drill(person, page, cast)


@shown("drill, list open", "driller")
def _drill_drawer(person: Person, page: Page, cast: Cast) -> None:
    take_drill(person, page, cast)
    page.locator("[popovertarget=navigator]").first.click()
    settled(page)


@shown("drill, before finishing", "driller")
def _drill_review(person: Person, page: Page, cast: Cast) -> None:
    take_drill(person, page, cast, "#review")


@shown("drill, finish dialog", "driller")
def _drill_dialog(person: Person, page: Page, cast: Cast) -> None:
    take_drill(person, page, cast, "#review")
    page.locator("[data-submit]").click()


@shown("drill, explained in place", "driller")
def _drill_explained(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address(f"/drills/{cast.drill}/?q=1"))
    page.locator("[rel=next]").click()
    expect(page.locator("#drill-t")).to_be_focused()
    page.go_back()
    expect(page.locator("#explained")).to_be_visible()


@shown("home with a plan", "beginner")
def _plan(person: Person, page: Page, cast: Cast) -> None:
    # A retired exam has no date to plan for.
    with sale_states.live():
        page.goto(f"{person.address('/mls-c01/')}#date")
        page.locator("#day").fill((timezone.localdate() + dt.timedelta(days=40)).isoformat())
        page.locator("#date button[type=submit]").first.click()
        # Their exam runs today, so the plan begins tomorrow.
        expect(page.locator(".plan > li").first).to_be_visible()
    page.evaluate(f"document.querySelectorAll('details').{OPENED}")


@shown("taking", "anna")
def _taking(person: Person, page: Page, cast: Cast) -> None:
    take(person, page, cast, "#q2")


def at_question(position: int) -> Open:
    """Return who opens a question of the whole paper."""
    return lambda person, page, cast: take(person, page, cast, f"#q{position}")


for what, number in (("table", 11), ("code", 22), ("figure", 40)):
    PAGES[f"taking, a question with a {what}"] = ("anna", at_question(number))


@shown("studying a card, turned", "new")
def _turned(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address("/mls-c01/flashcards/study/"))
    page.locator(".turn > summary").click()


@shown("studying, nothing left", "late")
def _nothing_left(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address("/mls-c01/flashcards/settings/"))
    page.locator("[name=new_per_day]").fill("0")
    page.locator("main .primary").click()
    expect(page.locator("#done")).to_be_visible()


@shown("own cards, one to change", "learner")
def _own_card(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address("/mls-c01/flashcards/own/"))
    page.locator(".rows .row a").first.click()
    expect(page.locator("[name=front]")).not_to_be_empty()


@shown("own cards, of a question", "reader")
def _of_question(person: Person, page: Page, cast: Cast) -> None:
    asked = f"attempt={cast.failed}&position=1"
    page.goto(person.address(f"/mls-c01/flashcards/own/from-question/?{asked}"))
    expect(page.locator("#preview .card")).to_be_visible()


@shown("own cards, a wrong file", "new")
def _wrong_file(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address("/mls-c01/flashcards/own/import/"))
    wrong: FilePayload = {"name": "cards.csv", "mimeType": "text/csv", "buffer": b"question,reply\na?,b\n"}
    page.locator("input[type=file]").set_input_files(wrong)
    page.locator("main .primary").click()
    expect(page.locator("[aria-invalid=true]")).to_be_visible()


@shown("practice again, closed", "anna")
def _closed(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address(f"/attempts/{cast.annas}/result/"))
    page.locator("form[action$='/practice/'] button").click()
    expect(page.locator("main [role=alert]")).to_be_visible()


@shown("taking, several answers", "anna")
def _several(person: Person, page: Page, cast: Cast) -> None:
    take(person, page, cast, f"#q{cast.several}")
    page.locator(f"#q{cast.several} .strike").last.click()


@shown("taking, list open", "anna")
def _drawer(person: Person, page: Page, cast: Cast) -> None:
    take(person, page, cast)
    page.locator("[popovertarget=navigator]").first.click()
    if page.locator("#navigator summary").is_visible():  # not where only fingers are
        page.locator("#navigator summary").click()
    settled(page)


@shown("taking, nothing answered", "beginner")
def _untouched(person: Person, page: Page, cast: Cast) -> None:
    page.goto("about:blank")
    with page.expect_response("**/lease/"):
        page.goto(person.address(f"/attempts/{cast.untouched}/"))
    page.locator("[popovertarget=navigator]").first.click()
    page.locator("[popovertarget=cancel]").first.scroll_into_view_if_needed()
    settled(page)


@shown("taking, cancel asked", "beginner")
def _cancel(person: Person, page: Page, cast: Cast) -> None:
    _untouched(person, page, cast)
    page.locator("[popovertarget=cancel]").first.click()


@shown("taking, one choice too many", "anna")
def _too_many(person: Person, page: Page, cast: Cast) -> None:
    take(person, page, cast, f"#q{cast.several}")
    for option in page.locator(f"#q{cast.several} .option").all():
        if not option.locator("input").is_checked():
            option.locator("label").click()
    expect(page.locator(".refusal")).to_be_visible()


@shown("taking, open in another window", "anna")
def _elsewhere(person: Person, page: Page, cast: Cast) -> None:
    take(person, page, cast)
    other = person.window()
    take(person, other, cast)
    other.close()
    expect(page.locator(".banner button")).to_be_visible()


@shown("taking, signed out", "anna")
def _signed_out(person: Person, page: Page, cast: Cast) -> None:
    take(person, page, cast)
    page.evaluate("document.getElementById('login').showModal()")


@shown("taking, offline", "anna")
def _offline(person: Person, page: Page, cast: Cast) -> None:
    take(person, page, cast)
    page.route("**/answers/", lambda route: route.abort())
    page.locator("#q1 .option:not(:has(:checked)) label").first.click()
    expect(page.locator(".banner[data-tone=warn]")).to_be_visible()
    # It is tried again after some seconds, when the page has been looked at.
    page.unroute("**/answers/")


@shown("before submitting", "anna")
def _before(person: Person, page: Page, cast: Cast) -> None:
    take(person, page, cast, "#review")


@shown("before submitting, dialog", "anna")
def _dialog(person: Person, page: Page, cast: Cast) -> None:
    take(person, page, cast, "#review")
    page.locator("[data-submit]").click()


@shown("review", "reader")
def _review(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address(f"/attempts/{cast.failed}/review/"))
    page.evaluate("document.querySelectorAll('#pane details').forEach((part) => part.open = true)")


@shown("review of a table, a figure and code", "reader")
def _shown(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address(f"/attempts/{cast.failed}/review/?open=all"))
    opened = page.evaluate(
        "[11, 22, 40].map((n) => document.getElementById(`q${n}t`)?.closest('.item')).filter((item) => item)"
        ".map((item) => item.querySelectorAll('.stem :is(table, figure)').length)"
    )
    assert opened[:2] == [1, 1]


@shown("result, score report being made", "thorough")
def _score_report(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address(f"/attempts/{cast.timed}/result/"))
    page.locator("form[action$='/score.pdf'] button").click()
    expect(page.locator("#pdf[role=status]")).to_be_visible()


@shown("result, not scored", "late")
def _not_scored(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address(f"/attempts/{cast.stuck}/result/"))
    expect(page.locator("#waiting[hx-trigger*='60s']")).to_be_visible()


@shown("waiting for the last answers", "late")
def _waiting(person: Person, page: Page, cast: Cast) -> None:
    clockwork.leave_seconds(cast.ending, -2)
    page.goto(person.address(f"/attempts/{cast.ending}/result/"))
    expect(page.locator("#waiting form")).to_be_visible()


@shown("practice, nothing to draw", "driller")
def _nothing_to_draw(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address("/mls-c01/practice/"))
    # As of a page that was opened before: a group without questions cannot be chosen.
    slow = page.locator("[name=pool][value=slow]")
    slow.evaluate("(radio) => { radio.disabled = false; radio.checked = true; }")
    page.locator("#new .primary").evaluate("(button) => { button.form.requestSubmit(); }")
    expect(page.locator("main [role=alert]")).to_be_visible()


@shown("practice, tasks open", "driller")
def _practice_tasks(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address("/mls-c01/practice/"))
    page.locator("#new summary").click()
    expect(page.locator("[name=task]").first).to_be_attached()


@shown("drill at once, finish question", "driller")
def _drill_finish(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address(f"/drills/{cast.drill}/"))
    page.locator("[popovertarget=navigator]").first.click()
    page.locator("#navigator [popovertarget=finish]").click()
    expect(page.locator("#finish")).to_be_visible()


@shown("drill, nothing chosen", "driller")
def _nothing_chosen(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address(f"/drills/{cast.drill}/"))
    page.locator("#check-answer").click()
    expect(page.locator("main [role=alert]:not([hidden])")).to_be_visible()


@shown("sign in, wrong password")
def _wrong(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address("/accounts/login/"))
    page.locator("input[name=login]").fill("nobody@example.org")
    page.locator("input[name=password]").fill("not the password")
    page.locator("main .primary").click()
    expect(page.locator("main [role=alert]:not([hidden])")).to_be_visible()


@shown("sign in by code, no address")
def _no_address(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address("/accounts/login/code/"))
    page.locator("input[name=email]").fill("a@b")
    page.locator("main .primary").click()
    expect(page.locator("[aria-invalid=true]")).to_be_visible()


@shown("sign in by code, sent")
def _code_sent(person: Person, page: Page, cast: Cast) -> None:
    """A browser that waits already needs no further mail, which would come too soon."""
    page.goto(person.address("/accounts/login/code/confirm/"))
    if page.locator("input[name=code]").count() == 0:
        page.goto(person.address("/accounts/login/code/?next=/mls-c01/exams/1/"))
        address = f"a.rather.long.address.of.somebody.{uuid.uuid4().hex[:8]}@mail.example.org"
        page.locator("input[name=email]").fill(address)
        page.locator("main .primary").click()
    expect(page.locator("input[name=code]")).to_be_visible()


@shown("sign in by code, wrong code")
def _wrong_sign_in_code(person: Person, page: Page, cast: Cast) -> None:
    _code_sent(person, page, cast)
    page.locator("input[name=code]").fill("12345")
    page.locator("main .primary").click()
    expect(page.locator("[aria-invalid=true]")).to_be_visible()


@shown("sign up, weak password")
def _weak(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address("/accounts/signup/"))
    page.locator("input[name=email]").fill("somebody@example.org")
    page.locator("input[name=password1]").fill("1234")
    page.locator("main .primary").click()
    expect(page.locator("[aria-invalid=true]")).to_be_visible()


@shown("confirm, wrong code")
def _wrong_code(person: Person, page: Page, cast: Cast) -> None:
    wait_for_code(person, page)
    page.locator("input[name=code]").fill("12345")
    page.locator("main .primary").click()
    expect(page.locator("[aria-invalid=true]")).to_be_visible()


@shown("confirm, wrong address")
def _wrong_address(person: Person, page: Page, cast: Cast) -> None:
    wait_for_code(person, page)
    page.locator("summary").click()
    expect(page.locator("details input[name=email]")).to_be_visible()


def wait_for_code(person: Person, page: Page) -> None:
    """Open the page that waits for a code; a browser that waits already needs no further sign-up."""
    page.goto(person.address("/accounts/confirm-email/"))
    if page.locator("input[name=code]").count() == 0:
        page.goto(person.address("/accounts/signup/?next=/mls-c01/exams/1/"))
        page.locator("input[name=email]").fill("a.rather.long.address.of.somebody@mail.example.org")
        page.locator("input[name=password1]").fill("three tall ferries 44")
        page.locator("main .primary").click()
    expect(page.locator("input[name=code]")).to_be_visible()


def failing(name: str) -> Open:
    """Return who opens the page of an error as the site would send it."""

    def show(person: Person, page: Page, cast: Cast) -> None:
        with override(person.language):
            body = render_to_string(f"{name}.html", {"error_id": "0123456789abcdef", "user": AnonymousUser()})
        headers = {"Content-Security-Policy": build_policy(settings.SECURE_CSP)}
        address = person.address("/failing/")
        page.route(address, lambda route: route.fulfill(status=200, body=body, headers=headers))
        page.goto(address)
        page.unroute(address)

    return show


for status in ERRORS:
    PAGES[f"error {status}"] = ("anyone", failing(status))


def leave(page: Page) -> None:
    """Wait until an exam page has nothing left to save, or the next page of this window would find it."""
    state = page.locator(".saved[data-state]")
    if state.count():
        expect(state).to_have_attribute("data-state", "saved")
