"""The dialog of the exam page that asks to sign in: both steps, other tabs, and every order of these."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.models import Session
from playwright.sync_api import Error, Locator, Page, Response, Route, expect

from accounts.users.models import User
from exams.attempts.models import State
from tests.accounts.signups import another_than, code_for
from tests.browser.conftest import RunningAttempt, until
from tests.browser.test_signed_out import sign_in_elsewhere, sign_out_elsewhere, strange
from tests.browser.test_taking import choose, submit
from tests.factories import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OPENED = "You were signed out. Your answers are safe; sign in to continue."
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Gate:
    """What the page asks of the API. While the gate is closed nothing of it reaches the server."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] | None = None
        self.statuses: list[int] = []
        page.route("**/api/v1/attempts/**", self._meet)
        page.on("response", self._note)

    def _meet(self, route: Route) -> None:
        if self._held is None:
            route.continue_()
        else:
            self._held.append(route)

    def _note(self, response: Response) -> None:
        if "/api/v1/attempts/" in response.url:
            self.statuses.append(response.status)

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Let something happen as a whole: the page hears of it all, or of nothing."""
        held: list[Route] = []
        self._held = held
        yield
        self._held = None
        for route in held:
            with suppress(Error):  # the page has given it up
                route.continue_()

    def orders(self) -> list[int]:
        """Return the statuses that came, each once where it came several times in a row."""
        pairs = zip([0, *self.statuses], self.statuses, strict=False)
        return [status for before, status in pairs if status != before]


def dialog_of(attempt: RunningAttempt) -> Locator:
    return attempt.page.locator("#login")


def signed_out_with_an_answer(attempt: RunningAttempt) -> int:
    """Sign out in another tab, and choose an answer that then waits; return its option."""
    key: int = attempt.form.keys[1][0]
    sign_out_elsewhere(attempt.candidate)
    choose(attempt.page, key)
    expect(dialog_of(attempt)).to_be_visible()
    expect(dialog_of(attempt)).to_contain_text(OPENED)
    assert attempt.stored() == {}
    return key


def give_password(dialog: Locator) -> None:
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()


def give_code(dialog: Locator, code: str) -> None:
    dialog.get_by_label("Code").fill(code)
    dialog.get_by_role("button", name="Sign in").click()


def is_saved(attempt: RunningAttempt, key: int) -> None:
    """Wait until the answer is stored and nothing covers the exam."""
    until(attempt.page, lambda: attempt.stored() == {1: [key]})
    expect(attempt.page.locator("dialog[open]")).to_have_count(0)
    expect(attempt.page.locator(".saved")).to_have_attribute("data-state", "saved")
    expect(attempt.page.locator(".banners")).not_to_contain_text("another")


# --- Somebody signs in in another tab -------------------------------------------------------------------
def test_the_moment_between_another_account_and_the_own_one_loses_no_answer(attempt: RunningAttempt) -> None:
    page, key, gate = attempt.page, attempt.form.keys[1][0], Gate(attempt.page)
    strange(attempt)
    choose(page, key)
    expect(page.locator(".banners")).to_contain_text("Another account is signed in.", timeout=30_000)
    with gate.closed():
        sign_out_elsewhere(attempt.candidate)
    expect(dialog_of(attempt)).to_be_visible(timeout=30_000)
    with gate.closed():
        sign_in_elsewhere(attempt.candidate, attempt.candidate.user.email)
    is_saved(attempt, key)
    assert gate.orders() == [409, 404, 401, 200]


def test_another_account_in_the_place_of_nobody_is_told_and_its_leaving_asks_again(
    attempt: RunningAttempt,
) -> None:
    page, gate = attempt.page, Gate(attempt.page)
    key = signed_out_with_an_answer(attempt)
    with gate.closed():
        strange(attempt, signs_out=False)
    expect(page.locator(".banners")).to_contain_text("Another account is signed in.", timeout=30_000)
    expect(dialog_of(attempt)).to_be_hidden()
    with gate.closed():
        sign_out_elsewhere(attempt.candidate)
    expect(dialog_of(attempt)).to_be_visible(timeout=30_000)
    give_password(dialog_of(attempt))
    is_saved(attempt, key)


def test_the_dialog_closes_within_five_seconds_of_a_sign_in_in_another_tab(attempt: RunningAttempt) -> None:
    page, gate = attempt.page, Gate(attempt.page)
    page.clock.install()
    attempt.open()
    key = signed_out_with_an_answer(attempt)
    asked = len(gate.statuses)
    # From here on the page's time passes only as it is let; the jump has it ask once more.
    page.clock.pause_at(page.evaluate("Date.now() / 1000") + 60)
    until(page, lambda: len(gate.statuses) > asked)
    sign_in_elsewhere(attempt.candidate, attempt.candidate.user.email)
    page.clock.run_for(5000)
    is_saved(attempt, key)


def test_who_submits_after_signing_out_is_done_once_another_tab_signs_in(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.goto(f"{attempt.url}#review")
    sign_out_elsewhere(attempt.candidate)
    submit(page)
    expect(dialog_of(attempt)).to_be_visible()
    sign_in_elsewhere(attempt.candidate, attempt.candidate.user.email)
    page.wait_for_url("**/result/")
    assert attempt.row().state != State.RUNNING


def test_of_two_windows_that_ask_to_sign_in_one_writes_and_the_other_says_so(attempt: RunningAttempt) -> None:
    first, second = attempt.page, attempt.candidate.window()
    attempt.open(second)
    first.get_by_role("button", name="Continue here").click()
    expect(first.locator("#q1 input").first).to_be_enabled()
    key = signed_out_with_an_answer(attempt)
    second.get_by_role("button", name="Continue here").click()
    expect(second.locator("#login")).to_be_visible()
    give_password(dialog_of(attempt))
    until(first, lambda: attempt.stored() == {1: [key]})
    for page in (first, second):
        expect(page.locator("dialog[open]")).to_have_count(0)
    until(first, lambda: sum(page.locator("#q1 input").first.is_enabled() for page in (first, second)) == 1)


# --- The second step ------------------------------------------------------------------------------------
@pytest.fixture
def careful(anna: User) -> User:
    """Anna, who has turned on two-step sign-in."""
    TOTP.activate(anna, SECRET)
    RecoveryCodes.activate(anna)
    return anna


def test_a_password_of_two_steps_leads_to_the_code_in_the_dialog_and_the_answer_is_saved(
    careful: User, attempt: RunningAttempt
) -> None:
    key, dialog = signed_out_with_an_answer(attempt), dialog_of(attempt)
    give_password(dialog)
    expect(dialog).to_contain_text("Enter the code from your authenticator app, or a recovery code.")
    expect(dialog.get_by_label("Code")).to_be_focused()
    expect(dialog.get_by_label("Password")).to_be_hidden()
    expect(dialog.get_by_role("alert")).to_be_hidden()
    give_code(dialog, another_than(code_for(SECRET)))
    expect(dialog.get_by_role("alert")).to_have_text("Incorrect code.")
    assert attempt.stored() == {}
    give_code(dialog, code_for(SECRET))
    is_saved(attempt, key)


def test_a_recovery_code_is_the_second_step_too(careful: User, attempt: RunningAttempt) -> None:
    key, dialog = signed_out_with_an_answer(attempt), dialog_of(attempt)
    [code, *_others] = RecoveryCodes.activate(careful).get_unused_codes()
    give_password(dialog)
    give_code(dialog, code)
    is_saved(attempt, key)


def test_the_second_step_can_be_taken_in_a_new_tab_as_with_a_passkey(
    careful: User, attempt: RunningAttempt
) -> None:
    key, dialog = signed_out_with_an_answer(attempt), dialog_of(attempt)
    give_password(dialog)
    with attempt.candidate.context.expect_page() as opened:
        dialog.get_by_role("link", name="Use a passkey in a new tab").click()
    tab = opened.value
    tab.get_by_label("Code").fill(code_for(SECRET))
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_url(lambda url: "/authenticate/" not in url)
    is_saved(attempt, key)


def test_a_second_step_that_took_too_long_begins_anew_with_words(
    careful: User, attempt: RunningAttempt
) -> None:
    key, dialog = signed_out_with_an_answer(attempt), dialog_of(attempt)
    give_password(dialog)
    expect(dialog.get_by_label("Code")).to_be_visible()
    Session.objects.all().delete()
    give_code(dialog, code_for(SECRET))
    expect(dialog.get_by_role("alert")).to_contain_text("We couldn't sign you in here.")
    expect(dialog.get_by_label("Code")).to_be_hidden()
    give_password(dialog)
    give_code(dialog, code_for(SECRET))
    is_saved(attempt, key)
