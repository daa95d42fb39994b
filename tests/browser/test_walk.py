"""The whole walk: from the sign-up to the score, on the real exam 1, in both languages and without script."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakePerson
from tests.browser.house import CONTENT, Person

pytestmark = pytest.mark.browser

PASSWORD = "three tall ferries 44"
MISSED = (7, 19, 23, 42, 55)
OPEN = (13, 64)
OFFLINE = range(21, 31)

type Answers = dict[int, frozenset[str]]


# --- The exam and its score, straight from the files, by nothing of the product ------------------------
@dataclass(frozen=True, slots=True)
class Slot:
    """What the files say of one position."""

    domain: int
    scored: bool
    letters: tuple[str, ...]
    keys: frozenset[str]


@pytest.fixture(scope="module")
def blueprint() -> Any:
    return yaml.load((CONTENT / "blueprint.yaml").read_text(), Loader=yaml.CSafeLoader)


@pytest.fixture(scope="module")
def slots(blueprint: Any) -> dict[int, Slot]:
    items = yaml.load((CONTENT / "exams" / "exam-1.yaml").read_text(), Loader=yaml.CSafeLoader)
    options = {item["id"]: item["options"] for item in items["items"]}
    found = {}
    for slot in blueprint["exams"][0]["slots"]:
        own = options[slot["id"]]
        letters = tuple(option["key"] for option in own)
        keys = frozenset(option["key"] for option in own if option["correct"])
        found[slot["slot"]] = Slot(slot["domain"], slot["scored"], letters, keys)
    return found


def scaled(blueprint: Any, slots: dict[int, Slot], answers: Answers) -> int:
    share = Fraction(0)
    for domain in blueprint["domains"]:
        own = [n for n, slot in slots.items() if slot.scored and slot.domain == domain["id"]]
        right = sum(answers.get(n) == slots[n].keys for n in own)
        share += Fraction(domain["weight_percent"] * right, 100 * len(own))
    facts = blueprint["certification"]
    low, high = facts["score_scale_min"], facts["score_scale_max"]
    points: int = floor(low + (high - low) * share + Fraction(1, 2))
    return points


def planned(slots: dict[int, Slot]) -> Answers:
    """Return a choice for each position: mostly the keys, some wrong, one incomplete, two left open."""
    answers: Answers = {}
    for n, slot in slots.items():
        others = [letter for letter in slot.letters if letter not in slot.keys]
        wrong = frozenset(sorted(slot.keys)[1:] + others[:1])
        answers[n] = wrong if n in MISSED else slot.keys
    several = next(n for n, slot in slots.items() if len(slot.keys) == 2 and slot.scored)
    answers[several] = frozenset(sorted(slots[several].keys)[:1])
    return {n: chosen for n, chosen in answers.items() if n not in OPEN}


# --- The person ----------------------------------------------------------------------------------------
def send(page: Page) -> None:
    """Press the one button that goes on."""
    page.locator("main form:not([data-appearance]) .primary").first.click()


def in_language(person: Person, page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("lang", person.language)


def ask_to_sign_up(person: Person, page: Page) -> None:
    """Come from the page of exam 1 to the page that waits for the code."""
    page.goto(person.address("/mls-c01/exams/1/"))
    page.locator("aside a[href*='/accounts/signup/']").click()
    in_language(person, page)
    page.locator("input[name=email]").fill(person.email)
    page.locator("input[name=password1]").fill(PASSWORD)
    send(page)
    page.wait_for_url(person.address("/accounts/confirm-email/"))
    in_language(person, page)


def sign_up_and_in(person: Person, page: Page, by: str = "code") -> None:
    """Sign up by code or link, typing the password once; ends where it began, at the page of exam 1."""
    ask_to_sign_up(person, page)
    if by == "code":
        page.locator("input[name=code]").fill(person.house.code_to(person.email))
    else:
        page.goto(person.house.link_to(person.email))
        in_language(person, page)
    send(page)
    page.wait_for_url(person.address("/mls-c01/exams/1/"))
    in_language(person, page)


def begin(person: Person, page: Page) -> None:
    """Go from the list of certifications to the running exam."""
    page.goto(person.address("/"))
    page.locator("main a[href$='/mls-c01/']").first.click()
    page.locator("main a[href$='/exams/1/']").first.click()
    page.wait_for_url("**/mls-c01/exams/1/")
    in_language(person, page)
    page.locator("main form .primary").click()
    page.wait_for_url("**/attempts/*/**")


# --- Answering -----------------------------------------------------------------------------------------
def option(page: Page, position: int, letter: str) -> Any:
    return page.locator(f"#q{position} .option").filter(has=page.locator(f"b:text-is('{letter}')"))


def by_mouse(page: Page, position: int, letters: frozenset[str]) -> None:
    for letter in sorted(letters):
        option(page, position, letter).locator("label").click()
    page.locator("[rel=next]").click()


def by_keyboard(page: Page, position: int, letters: frozenset[str]) -> None:
    for letter in sorted(letters):
        page.keyboard.press(letter.lower())
    page.keyboard.press("n")


def answer(page: Page, positions: range, answers: Answers) -> None:
    for position in positions:
        expect(page.locator(f"#q{position}")).to_be_visible()
        act = by_mouse if position % 5 == 1 else by_keyboard
        act(page, position, answers.get(position, frozenset()))


def saved(page: Page) -> None:
    expect(page.locator(".saved")).to_have_attribute("data-state", "saved")


def holds(page: Page, position: int, letters: frozenset[str]) -> None:
    """Check that exactly these letters are chosen at a position."""
    chosen = page.locator(f"#q{position} .option:has(:checked) > b")
    expect(chosen).to_have_text(sorted(letters))


def writing(page: Page, act: Callable[[], Any]) -> None:
    """Load the page by an act and wait until it holds the lease."""
    with page.expect_response("**/lease/"):
        act()


def first_third(page: Page, answers: Answers) -> None:
    """Answer, flag, strike out, and find everything again after a reload."""
    answer(page, range(1, 21), answers)
    page.keyboard.press("m")
    expect(page.locator("[data-flag-button]")).to_have_attribute("data-flagged", "")
    struck = page.locator("#q21 .option").last.locator(".strike")
    struck.click()
    saved(page)
    writing(page, page.reload)
    expect(page.locator("#q21")).to_be_visible()
    expect(page.locator("[data-flag-button]")).to_have_attribute("data-flagged", "")
    expect(struck).to_have_attribute("aria-pressed", "true")
    struck.click()
    for position in (1, 2, 20):
        holds(page, position, answers[position])


def ten_offline(person: Person, page: Page, answers: Answers) -> None:
    person.context.set_offline(True)
    answer(page, OFFLINE, answers)
    expect(page.locator(".banners .banner")).to_have_attribute("data-tone", "warn")
    expect(page.locator(".saved")).to_have_attribute("data-state", "unsaved")
    expect(page.locator("[data-saved]")).to_contain_text("10")
    person.context.set_offline(False)
    saved(page)
    expect(page.locator(".banners .banner")).to_have_attribute("data-tone", "right")


def take_over(person: Person, first: Page, answers: Answers) -> Page:
    """Go on in a second window; the first can only be read."""
    second = person.window()
    writing(second, lambda: second.goto(first.url.partition("#")[0]))
    holds(second, 30, answers[30])
    second.goto(f"{first.url.partition('#')[0]}#q31")
    answer(second, range(31, 66), answers)
    expect(first.locator("[data-flag-button]")).to_be_disabled()
    expect(first.locator("#q31 input").first).to_be_disabled()
    expect(first.locator(".banner button")).to_be_visible()
    first.close()
    return second


def hand_in(page: Page) -> None:
    """Submit by the review screen and the dialog."""
    expect(page.locator("#review")).to_be_visible()
    expect(page.locator("[data-rows=open] li")).to_have_count(len(OPEN))
    expect(page.locator("[data-rows=flagged] li")).to_have_count(1)
    expect(page.locator("[data-count=answered]")).to_have_text(str(65 - len(OPEN) - 1))
    expect(page.locator("[data-rows=incomplete] li")).to_have_count(1)
    page.locator("[data-submit]").click()
    expect(page.locator("dialog#submit")).to_be_visible()
    page.locator("[data-go]").click()
    page.wait_for_url("**/result/")


# --- Afterwards ----------------------------------------------------------------------------------------
def shows_score(person: Person, page: Page, score: int) -> None:
    expect(page.locator(".verdict .score")).to_have_text(str(score))
    in_language(person, page)
    assert len(page.locator("details code").last.text_content() or "") == 64


def shows_review(page: Page, slots: dict[int, Slot], answers: Answers) -> None:
    """Read the whole review: own answer and key of each position."""
    page.goto(page.url.replace("/result/", "/review/?open=all"))
    own, keys = {}, {}
    for position, chosen, right in page.evaluate(READ):
        own[position], keys[position] = frozenset(chosen), frozenset(right)
    assert keys == {n: slot.keys for n, slot in slots.items()}
    assert own == {n: answers.get(n, frozenset()) for n in slots}


READ = """() => [...document.querySelectorAll('.item')].map((item) => {
  const rows = [...item.querySelectorAll('.answers > li')];
  const letters = (wanted) => rows.filter(wanted).map((row) => row.querySelector('b').textContent);
  const key = (row) => row.dataset.tone === 'right';
  const position = Number(item.querySelector('h2').id.slice(1, -1));
  return [position, letters((row) => row.hasAttribute('data-own')), letters(key)];
})"""


@pytest.mark.parametrize("language", ["en", "hu"])
def test_the_whole_walk_ends_with_the_score_that_the_files_give(
    make_person: MakePerson, language: str, blueprint: Any, slots: dict[int, Slot]
) -> None:
    person, answers = make_person(f"walker-{language}", language), planned(slots)
    page = person.window()
    sign_up_and_in(person, page)
    with page.expect_response("**/lease/"):
        begin(person, page)
    in_language(person, page)
    first_third(page, answers)
    ten_offline(person, page, answers)
    second = take_over(person, page, answers)
    hand_in(second)
    score = scaled(blueprint, slots, answers)
    shows_score(person, second, score)
    shows_review(second, slots, answers)
    second.goto(person.address("/attempts/"))
    expect(second.locator(".rows li")).to_contain_text(str(score))


def by_form(page: Page, position: int, letters: frozenset[str]) -> None:
    """Answer a question by its own form; jump there by the list when it is not the next one."""
    if f"/questions/{position}/" not in page.url:
        page.locator(".examhead [popovertarget=navigator]").click()
        page.locator(f"#navigator .numbers a[href$='/{position}/']").click()
    for letter in sorted(letters):
        row = page.locator(".option").filter(has=page.locator(f"b:text-is('{letter}')"))
        row.locator("label").click()
    page.locator("[name=go][value=next]").click()


def test_the_exam_goes_from_sign_up_to_score_without_script(
    make_person: MakePerson, blueprint: Any, slots: dict[int, Slot]
) -> None:
    person = make_person("plain", "en", java_script_enabled=False)
    # Every form is alike: the first half, and by a jump the end.
    answers = {n: letters for n, letters in planned(slots).items() if n <= 30 or n > 60}
    page = person.window()
    sign_up_and_in(person, page, by="link")
    begin(person, page)
    page.wait_for_url("**/questions/1/")
    page.locator("[name=go][value=flag]").click()
    for position, letters in answers.items():
        by_form(page, position, letters)
    page.wait_for_url("**/submit/")
    expect(page.locator("[aria-labelledby=open] li")).to_have_count(65 - len(answers))
    expect(page.locator("[aria-labelledby=flagged] li")).to_have_count(1)
    page.locator(".examfoot button").click()
    page.wait_for_url("**/result/")
    shows_score(person, page, scaled(blueprint, slots, answers))


PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def running(person: Person, page: Page) -> None:
    """Start the exam from its page; it runs in the language of the person."""
    page.locator("main form .primary").click()
    page.wait_for_url("**/attempts/*/**")
    in_language(person, page)


def test_a_hungarian_phone_goes_from_the_home_page_to_the_running_exam_by_a_code(
    make_person: MakePerson,
) -> None:
    person = make_person("kati", "hu", locale="hu-HU", timezone_id="Europe/Budapest", **PHONE)
    page = person.window()
    page.goto(person.house.url)
    page.wait_for_url(person.address("/"))
    wrong, right = "elirt@example.org", person.email
    person.email = wrong
    ask_to_sign_up(person, page)
    page.locator("summary").click()
    page.locator("details input[name=email]").fill(right)
    page.locator("[value=change]").click()
    expect(page.locator("main .lead")).to_contain_text(right)
    person.email = right
    code = person.house.code_to(right)
    page.locator("input[name=code]").fill("1" * 6 if code != "1" * 6 else "2" * 6)
    send(page)
    expect(page.locator("#id_code_error")).to_be_visible()
    page.locator("input[name=code]").fill(code)
    send(page)
    page.wait_for_url(person.address("/mls-c01/exams/1/"))
    page.goto(person.address("/accounts/profile/"))
    expect(page.locator("select[name=time_zone]")).to_have_value("Europe/Budapest")
    page.goto(person.address("/mls-c01/exams/1/"))
    running(person, page)


def test_an_english_desktop_goes_from_the_exam_to_the_running_exam_by_the_link_of_the_mail(
    make_person: MakePerson,
) -> None:
    person = make_person("sam", "en", locale="en-US", timezone_id="America/New_York")
    page = person.window()
    sign_up_and_in(person, page, by="link")
    running(person, page)


def test_a_language_link_is_remembered_by_the_home_page(make_person: MakePerson) -> None:
    person = make_person("erik", "en", locale="hu-HU", **PHONE)
    page = person.window()
    page.goto(person.house.url)
    expect(page.locator("html")).to_have_attribute("lang", "hu")
    page.locator(".colophon button[value=en]").click()
    in_language(person, page)
    page.goto(person.house.url)
    in_language(person, page)


def test_a_password_can_be_shown_and_is_sent_hidden(make_person: MakePerson) -> None:
    person = make_person("peek", "en")
    page = person.window()
    page.goto(person.address("/accounts/login/"))
    page.locator("input[name=login]").fill(person.email)
    field, button = page.locator("input[name=password]"), page.locator("[data-reveal]")
    field.fill("in plain sight")
    expect(button).to_have_accessible_name("Show: Password")
    button.click()
    expect(field).to_have_attribute("type", "text")
    expect(button).to_have_accessible_name("Hide: Password")
    page.evaluate("document.forms[0].addEventListener('submit', (event) => event.preventDefault())")
    page.locator("main .primary").click()
    expect(field).to_have_attribute("type", "password")


@pytest.mark.parametrize("script", [True, False])
def test_back_after_a_wrong_code_shows_pages_and_no_question_about_the_form(
    make_person: Callable[..., Person], script: bool
) -> None:
    person = make_person(f"back-{script}".lower(), "en", java_script_enabled=script)
    page = person.window()
    ask_to_sign_up(person, page)
    page.locator("input[name=code]").fill("no code")
    send(page)
    expect(page.locator("input[name=code][aria-invalid=true]")).to_be_visible()
    for step in (page.go_back, page.go_forward, page.reload):
        step()
        expect(page.locator("main h1")).to_be_visible()
        assert page.url == person.address("/accounts/confirm-email/")
    expect(page.locator("input[name=code]")).to_be_visible()
