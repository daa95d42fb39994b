"""The whole way of a new person for MLA-C02, from the home page to the email of a morning, in both languages.

Every page after the first is reached by what can be pressed on the page before, and each says what it is in
the language of the person, in the words of the catalog.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from typing import Any, Literal

import pytest
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext, ngettext, override, pgettext
from playwright.sync_api import Locator, Page, expect
from pytest_django.plugin import DjangoDbBlocker

from accounts.profile import services as profiles
from accounts.users.models import User
from exams.attempts.models import Attempt
from exams.insights import study_mail
from exams.web.practice_choice import FORGETTING_DAYS
from tests.browser.conftest import MakePerson, served, until
from tests.browser.house import House, Person
from tests.exams.attempts.helpers import age
from tests.exams.insights.test_study_mail import zone_at
from tests.template import connected_to
from tools.devstack import paths

pytestmark = pytest.mark.browser

CONTENT = paths.PROJECT / "fixtures" / "mla-c02"
LABEL, NAME = "MLA-C02", "AWS Certified Machine Learning Engineer - Associate"
PASSWORD = "three tall ferries 44"
SAMPLE, CHECK, EXAM = 10, 20, 65
CHECKED, ANSWERED = 3, 5
NEW_CARDS = 10
PLACES: dict[str, dict[str, Any]] = {
    "en": {"locale": "en-US", "timezone_id": "America/New_York"},
    "hu": {"locale": "hu-HU", "timezone_id": "Europe/Budapest"},
}


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[House]:
    """The whole site with MLA-C02, which is for sale."""
    with served(tmp_path_factory, django_db_blocker, CONTENT) as house:
        with connected_to(house.database):
            call_command("load_products", stdout=StringIO())
        yield house


# --- What a person reads and presses ---------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Reader:
    """A person with a page, who looks for the words of the catalog in their language."""

    person: Person
    page: Page

    def words(self, text: str, plural: str = "", context: str = "", **values: Any) -> str:
        """Return a text as the page should show it: translated, filled in, without tags."""
        with override(self.person.language):
            if plural:
                found = ngettext(text, plural, next(n for n in values.values() if isinstance(n, int)))
            else:
                found = pgettext(context, text) if context else gettext(text)
        # Else a text without translation would be found on a page without translation.
        assert self.person.language == "en" or found not in (text, plural), text
        return strip_tags(found % values) if values else strip_tags(found)

    def arrives(self, heading: str, *, level: int = 1, **values: Any) -> None:
        """See that a page is the one with this heading, in the language of the person."""
        self.reads(self.words(heading, **values), level)

    def reads(self, heading: str, level: int = 1) -> None:
        """See a heading, of the first level unless said, that is no text of the catalog."""
        expect(self.page.get_by_role("heading", level=level, name=heading)).to_be_visible()
        expect(self.page.locator("html")).to_have_attribute("lang", self.person.language)

    def sees(self, text: str, **values: Any) -> None:
        """See a text on the page."""
        expect(self.page.locator("body")).to_contain_text(self.words(text, **values), use_inner_text=True)

    def follows(self, text: str, **values: Any) -> None:
        """Press the first link that says this and can be seen."""
        self._named("link", self.words(text, **values)).click()

    def presses(self, text: str, **values: Any) -> None:
        """Press the first button that says this and can be seen."""
        self._named("button", self.words(text, **values)).click()

    def confirms(self, text: str) -> None:
        """Press a button of the open dialog: the page below may have another that says the same."""
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name=self.words(text), exact=True).click()

    def goes_to_the_certification(self) -> None:
        """Press its name above the page."""
        self._named("link", LABEL).click()

    def _named(self, role: Literal["link", "button"], name: str) -> Locator:
        return self.page.get_by_role(role, name=name, exact=True).locator("visible=true").first


# --- The stops -------------------------------------------------------------------------------------------
def a_stranger_finds_the_sample_on_the_home_page(reader: Reader) -> None:
    reader.page.goto(reader.person.house.url)
    reader.arrives("Would you pass?")
    reader.sees("With a free account, no card. %(minutes)s minutes.", minutes=25)
    reader.page.locator(".demo label").first.click()
    expect(reader.page.locator(".demo .why").first).to_be_visible()
    reader.follows(
        "Try %(total)s question without an account",
        plural="Try %(total)s questions without an account",
        total=SAMPLE,
    )


def answers_one_sample_question_and_reads_the_others(reader: Reader) -> None:
    reader.arrives('Sample question %(n)s <span class="meta">of %(total)s</span>', n=1, total=SAMPLE)
    reader.page.locator("form.question label").first.click()
    reader.presses("Check answer")
    reader.sees("Answer and explanation")
    for n in range(2, SAMPLE + 1):
        reader.follows("Next question")
        reader.arrives('Sample question %(n)s <span class="meta">of %(total)s</span>', n=n, total=SAMPLE)
        reader.follows("Show answer")
        reader.sees("Unanswered")
    reader.follows("See how you did")


def sees_how_the_sample_went_and_asks_for_an_account(reader: Reader) -> None:
    reader.sees(
        "That isn't a score: %(total)s question is too few for one.",
        plural="That isn't a score: %(total)s questions are too few for one.",
        total=SAMPLE,
    )
    reader.sees("A full exam narrows it down")
    reader.follows("Create a free account")


def signs_up_with_the_code_of_the_mail(reader: Reader) -> None:
    reader.arrives("Create an account")
    reader.page.locator("input[name=email]").fill(reader.person.email)
    reader.page.locator("input[name=password1]").fill(PASSWORD)
    reader.presses("Create account")
    reader.arrives("Check your email")
    reader.page.locator("input[name=code]").fill(reader.person.house.code_to(reader.person.email))
    reader.presses("Confirm")


def checks_themselves_with_some_answers(reader: Reader) -> None:
    reader.arrives("Welcome")
    reader.sees("Check yourself")
    reader.follows("Start the check")
    reader.sees("Only the first time gives you an estimate.")
    reader.presses("Start the check")
    expect(reader.page.locator(".clock time")).to_have_text(re.compile("^0:2[45]:"))
    answer_the_first(reader, CHECKED)
    reader.presses("Questions")
    reader.follows("Review and finish")
    reader.sees("Before you finish")
    reader.presses("Finish", context="foot")
    reader.confirms("Finish now")


def is_told_that_some_answers_give_no_estimate(reader: Reader) -> None:
    reader.sees("There's no estimate: it takes an answer to each of the %(total)s questions.", total=CHECK)
    reader.follows("Overview")


def buys_access_with_the_test_card(reader: Reader) -> str:
    """Buy, and return what it cost, as it was shown."""
    reader.arrives("Your course")
    reader.sees("Done")
    reader.follows("See prices")
    reader.arrives("Pricing")
    reader.page.locator("section[aria-labelledby=mla-c02] a.button").click()
    reader.sees("Before you buy")
    price = reader.page.locator("main dl.facts dd").first.inner_text()
    reader.page.locator("input[name=consent]").check()
    reader.page.locator("input[name=terms]").check()
    reader.presses("Buy now · %(price)s", price=price)
    reader.arrives("Test card")
    reader.presses("Pay")
    reader.arrives("Thank you for your purchase")
    reader.sees("We've emailed a receipt to %(address)s.", address=reader.person.email)
    return price


def comes_from_the_purchase_to_the_first_exam(reader: Reader, price: str) -> None:
    reader.follows("Your purchases")
    reader.arrives("Purchases")
    reader.sees("Back to your account")
    expect(reader.page.locator("main li")).to_contain_text(price)
    language = "" if reader.person.language == "en" else f"/{reader.person.language}"
    reader.page.goto(f"{reader.person.house.url}{language}/dashboard/")
    reader.arrives("Your %(code)s course", code=LABEL)
    reader.follows("Take exam %(number)s", number=1)


def takes_the_exam_with_a_handful_of_answers_and_a_flag(reader: Reader) -> None:
    reader.sees("Ready?")
    reader.presses("Start exam %(number)s", number=1)
    answer_the_first(reader, ANSWERED)
    reader.presses("Flag")
    reader.presses("Questions")
    reader.follows("Review and submit")
    reader.sees("Before you submit")
    expect(reader.page.locator("[data-count=answered]")).to_have_text(str(ANSWERED))
    expect(reader.page.locator("[data-count=flagged]")).to_have_text("1")
    reader.presses("Submit exam")
    reader.confirms("Submit now")


def reads_the_result(reader: Reader) -> None:
    reader.arrives("Stopped early")
    reader.sees("Domains")
    reader.follows("Review all answers")


def filters_the_review_and_opens_one_question(reader: Reader) -> None:
    reader.arrives("Review", context="of an ended exam")
    shows_only(reader, "Flagged", 1)
    expect(reader.page.locator("#pane .answers")).to_be_visible()
    shows_only(reader, "Unanswered", EXAM - ANSWERED)
    first = reader.page.locator("#found li").first
    first.locator("a").click()
    expect(reader.page.locator(f"#pane #q{ANSWERED + 1}t")).to_be_visible()


def drills_what_they_missed(reader: Reader) -> None:
    shows_only(reader, "Incorrect", ANSWERED)
    reader.presses("Practice these again")
    reader.arrives(
        'Question %(position)s <span class="meta">of %(total)s</span>', level=2, position=1, total=ANSWERED
    )
    choose(reader.page.locator("form.question"))
    reader.presses("Check answer", context="foot")
    expect(reader.page.locator("#explained")).to_be_visible()
    reader.sees("Principle")
    reader.presses("Finish", context="practice")
    reader.confirms("Finish now")
    reader.sees(
        "Practice has no scaled score: you chose its questions, so they don't represent a whole exam."
    )
    reader.goes_to_the_certification()


def studies_one_card(reader: Reader) -> None:
    reader.follows("Cards")
    reader.follows("Study now")
    reader.arrives("Flashcards")
    reader.sees("%(seen)s of %(total)s seen today", seen=0, total=NEW_CARDS)
    reader.page.locator("summary", has_text=reader.words("Show answer")).click()
    expect(reader.page.locator(".turn .back")).to_be_visible()
    # A card that is easy does not come back today.
    easy = reader.words("Easy", context="rating of a card")
    reader.page.locator(".ratings button", has_text=easy).click()
    reader.sees("%(seen)s of %(total)s seen today", seen=1, total=NEW_CARDS)
    reader.follows("Stop for today")


def reads_the_cheat_sheet(reader: Reader) -> None:
    reader.follows("Cheat sheet")
    reader.sees("%(code)s Cheat Sheet", code=LABEL)
    reader.sees("Free to read, search, and print.")
    expect(reader.page.locator("article.sheet #s-1")).to_be_visible()


def has_the_receipt(reader: Reader, price: str) -> None:
    """Find the receipt in the mail, with the price that was on the page."""
    person = reader.person
    until(reader.page, lambda: reader.words("Your purchases:") in person.house.mail_to(person.email), 40)
    # A price in forints has spaces that do not break.
    assert " ".join(price.split()) in " ".join(person.house.mail_to(person.email).split())


def is_offered_again_what_they_missed_days_ago(reader: Reader) -> None:
    with connected_to(reader.person.house.database):
        for attempt in Attempt.objects.filter(user__email=reader.person.email):
            age(attempt.pk, FORGETTING_DAYS * 86_400)
    reader.follows("Practice")
    missed = reader.page.locator(".presets label", has_text=reader.words("Missed a while ago"))
    missed.click()
    count = int(re.findall(r"\d+", missed.inner_text())[0])
    assert 0 < count <= CHECKED + ANSWERED
    reader.page.locator("#new button", has_text=reader.words("Start practice")).click()
    reader.arrives(
        'Question %(position)s <span class="meta">of %(total)s</span>', level=2, position=1, total=count
    )
    reader.presses("Questions")
    reader.follows("Leave and continue later")
    reader.goes_to_the_certification()


def sets_their_exam_date_and_chooses_the_email_of_mornings(reader: Reader) -> str:
    """Do so, and return what the plan has for today."""
    reader.arrives("Your %(code)s course", code=LABEL)
    reader.page.locator("#day").fill((timezone.localdate() + timedelta(days=40)).isoformat())
    reader.page.get_by_label(reader.words("Email me in the morning when something is due")).check()
    reader.presses("Save date")
    expect(reader.page.locator("#plan li").first).to_be_visible()
    return reader.page.locator(".todo h3").first.inner_text()


def gets_the_email_of_the_next_morning_and_turns_it_off(reader: Reader, work: str) -> None:
    person = reader.person
    with connected_to(person.house.database), override_settings(SITE_URL=person.house.url):
        profiles.update(User.objects.get(email=person.email), time_zone=zone_at(7))
        study_mail.send_due()
    until(reader.page, lambda: reader.words("For today:") in person.house.mail_to(person.email), 40)
    mail = person.house.mail_to(person.email)
    assert work in mail
    to_the_course, to_turn_it_off = re.findall(r"http\S+", mail)[:2]
    reader.page.goto(to_the_course)
    expect(reader.page.locator(".todo h3").first).to_have_text(work)
    reader.page.goto(to_turn_it_off)
    reader.presses("Turn off emails")
    reader.arrives("Morning emails are off")


# --- What several stops do -------------------------------------------------------------------------------
def answer_the_first(reader: Reader, number: int) -> None:
    """Choose the first options of the first questions, as many as each asks for, and go on to the next."""
    for position in range(1, number + 1):
        choose(reader.page.locator(f"#q{position}"))
        reader.follows("Next")
    expect(reader.page.locator(".saved")).to_have_attribute("data-state", "saved")


def choose(question: Locator) -> None:
    """Choose the first options of a question, as many as it asks for."""
    asked = question.locator(".choose").all_inner_texts()
    # It may also say how many are chosen, which is never more.
    number = max(map(int, re.findall(r"\d", " ".join(asked))), default=1)
    for option in range(number):
        question.locator(".option label").nth(option).click()


def shows_only(reader: Reader, text: str, matching: int) -> None:
    """Press a filter of the review, and see how many questions it leaves."""
    name = re.compile(f"^{re.escape(reader.words(text))}\\s+\\d")
    reader.page.locator("#questions label", has_text=name).click()
    reader.sees(
        "%(matching)s of %(total)s questions",
        plural="%(matching)s of %(total)s questions",
        matching=matching,
        total=EXAM,
    )


# --- The way ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["en", "hu"])
def test_a_stranger_becomes_a_learner_by_what_can_be_pressed_alone(
    make_person: MakePerson, language: str
) -> None:
    person = make_person(f"learner-{language}", language, **PLACES[language])
    reader, refused = Reader(person, person.window()), list[str]()
    reader.page.on("response", lambda reply: refused.append(reply.url) if reply.status >= 400 else None)
    a_stranger_finds_the_sample_on_the_home_page(reader)
    answers_one_sample_question_and_reads_the_others(reader)
    sees_how_the_sample_went_and_asks_for_an_account(reader)
    signs_up_with_the_code_of_the_mail(reader)
    checks_themselves_with_some_answers(reader)
    is_told_that_some_answers_give_no_estimate(reader)
    price = buys_access_with_the_test_card(reader)
    comes_from_the_purchase_to_the_first_exam(reader, price)
    takes_the_exam_with_a_handful_of_answers_and_a_flag(reader)
    reads_the_result(reader)
    filters_the_review_and_opens_one_question(reader)
    drills_what_they_missed(reader)
    studies_one_card(reader)
    reads_the_cheat_sheet(reader)
    has_the_receipt(reader, price)
    is_offered_again_what_they_missed_days_ago(reader)
    work = sets_their_exam_date_and_chooses_the_email_of_mornings(reader)
    gets_the_email_of_the_next_morning_and_turns_it_off(reader, work)
    assert not refused
