"""A certification of another vendor, made in the admin alone and taken: questions as its profile says."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from exams.authoring.models import Draft
from exams.catalog.models import Certification
from tests.browser.conftest import Candidate, MakeCandidate
from tests.browser.test_new_certification import field, review_and_publish, send, step, steps, stored
from tests.exams.authoring import acts

pytestmark = pytest.mark.browser

FACTS = {
    "vendor": "Bean School",
    "level": "Barista",
    "duration_minutes": 10,
    "items_total": 6,
    "items_scored": 6,
    "pass_mark": 70,
    "scale_max": 100,
}
TEXTS = {"name": "Bean Basics", "summary": "Beans and brewing.", "description": "For who stands at the bar."}
DOMAINS = ((50, "Beans"), (50, "Brewing"))
PROFILE = {"single": "1 of 2, 1 of 3, 1 of 4", "multiple": "2 of 4"}
NEEDLESS = ("references",)
# Task, question, its options with the keys first, how many of them are keys.
QUESTIONS = (
    ("1.1", "Green beans keep longer than roasted ones. Is this true?", ("True", "False"), 1),
    ("1.1", "Which roast keeps most of the acid?", ("The light roast", "A medium one", "Dark beans"), 1),
    ("1.1", "Which of these is NOT a species of coffee?", ("Matcha", "Arabica", "Robusta", "Liberica"), 1),
    ("2.1", "Which two are brewed by pressure? Choose two.", ("Espresso", "Moka", "Filter", "Cold brew"), 2),
    ("2.1", "What makes an espresso run too fast?", ("A coarse grind", "A fine grind", "A full basket"), 1),
    ("2.1", "Water for filter coffee may boil as it is poured. Is this true?", ("False", "True"), 1),
)
KEYS = {text: options[:keys] for _task, text, options, keys in QUESTIONS}


def write_the_certification(page: Page) -> None:
    for name, value in FACTS.items():
        field(page, f"facts.{name}").fill(str(value))
    for name, said in TEXTS.items():
        field(page, f"texts.en.{name}").fill(said)
    for kind, line in PROFILE.items():
        field(page, f"profile.options.{kind}").fill(line)
    field(page, "profile.endings.en").fill("")
    field(page, "profile.negative").check()
    for part in NEEDLESS:
        field(page, f"profile.required.{part}").uncheck()
    for number, (weight, name) in enumerate(DOMAINS):
        page.get_by_role("button", name="Add a domain").click()
        field(page, f"domains.{number}.weight_percent").fill(str(weight))
        field(page, f"domains.{number}.names.en").fill(name)
        page.get_by_role("button", name=f"Add a task statement to domain {number + 1}").click()
        field(page, f"tasks.{number}.texts.en.title").fill(f"Know {name}")
    expect(page.locator("[data-remark-list]")).to_have_text("No remarks.")
    stored(page, "catalogue", lambda content: content["tasks"][1]["texts"].get("en"))


def write_a_question(
    page: Page, number: int, task: str, text: str, options: tuple[str, ...], keys: int
) -> None:
    """Write a question: as many options as it has, no reference."""
    step(page, "Questions").get_by_role("link", name="New question").click()
    page.get_by_label("Code").fill(f"E1-Q0{number}")
    page.get_by_role("button", name="Begin").click()
    for _ in range(4 - len(options)):
        page.get_by_role("button", name="Remove option C").click()
    field(page, "task").select_option(task)
    if keys > 1:
        field(page, "kind").select_option("multiple")
        field(page, "choose").fill(str(keys))
    field(page, "texts.en.stem").fill("A guest of the bar asks this.")
    field(page, "texts.en.ask").fill(text)
    for name in ("why", "principle", "tip"):
        field(page, f"texts.en.{name}").fill("So the school teaches it.")
    for place, words in enumerate(options):
        field(page, f"texts.en.options.{place}.text").fill(words)
        field(page, f"texts.en.options.{place}.why").fill(f"What the school says of it: {words}.")
        if place < keys:
            field(page, f"options.{place}.key").check()
    stored(page, "item", lambda content: content["texts"]["en"]["options"][-1]["why"])


def take(page: Page) -> None:
    """Answer every question correctly but the last, and submit."""
    for position in range(1, 7):
        question = page.locator(f"#q{position}")
        expect(question).to_be_visible()
        keys = KEYS[question.locator(f"#q{position}ask").inner_text().strip()]
        for option in question.locator(".option").all():
            is_key = option.locator("[data-t]").inner_text().strip() in keys
            if is_key != (position == 6):
                option.locator("label").click()
                if position == 6:
                    break
        page.locator("[rel=next]").click()
    page.locator("[data-submit]").click()
    page.locator("[data-go]").click()
    page.wait_for_url("**/result/")


@pytest.fixture
def author(make_candidate: MakeCandidate, db: None) -> Candidate:
    return make_candidate(acts.staff("authors"), viewport={"width": 1440, "height": 900})


@pytest.fixture
def reviewer(make_candidate: MakeCandidate, db: None) -> Candidate:
    return make_candidate(acts.staff("reviewers"), viewport={"width": 1440, "height": 900})


def test_a_certification_takes_the_questions_that_its_profile_allows(
    author: Candidate, reviewer: Candidate, candidate: Candidate
) -> None:
    page, review = author.window(), reviewer.window()
    page.goto(f"{author.server}/admin/exams/certification/new/")
    page.get_by_label("Code").fill("bean-101")
    page.get_by_role("button", name="Begin").click()
    step(page, "Facts and texts").get_by_role("link", name="Open the draft").click()
    write_the_certification(page)
    review_and_publish(reviewer, review, send(page))
    stored_profile: dict[str, Any] = Certification.objects.get().profile
    assert stored_profile["options"] == PROFILE
    assert stored_profile["required"] == ["principle", "tip", "rationale"]

    for number, (task, text, options, keys) in enumerate(QUESTIONS, 1):
        steps(author, page)
        write_a_question(page, number, task, text, options, keys)
        review_and_publish(reviewer, review, send(page))

    steps(author, page)
    step(page, "Exam put together").get_by_role("link", name="New exam").click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("link", name="Draw questions").click()
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.locator(".places > li")).to_have_count(6)
    review_and_publish(reviewer, review, send(page))
    steps(reviewer, review)
    step(review, "On the site").get_by_role("link", name="Put it on the site").click()
    review.get_by_label("Reason").fill("Everything was checked by two.")
    review.get_by_role("button", name="Put it on the site").click()
    assert not Draft.objects.exclude(state="published").exists()

    taking = candidate.window()
    taking.goto(f"{candidate.server}/bean-101/")
    tile = taking.locator(".tile")
    expect(tile).to_contain_text("6 questions")
    expect(tile).to_contain_text("10 min")
    tile.locator("a[href$='/exams/1/']").click()
    taking.get_by_role("button", name="Start exam 1").click()
    take(taking)
    expect(taking.locator("main")).to_contain_text("5 of 6")
    taking.goto(taking.url.replace("/result/", "/review/?open=all"))
    expect(taking.locator("main")).to_contain_text("So the school teaches it.")
