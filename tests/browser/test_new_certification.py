"""A certification from nothing: an author makes it, another publishes it, a candidate takes its exam."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.profile import services as profiles
from exams.authoring.models import Draft
from exams.catalog.models import Certification
from tests.browser.axe import LANGUAGE, MENU, faults, looks_at, visit
from tests.browser.conftest import Candidate, MakeCandidate, until
from tests.exams.authoring import acts, made, nothing

pytestmark = pytest.mark.browser

KEYS = {said.options[0][0] for said in nothing.QUESTIONS}


def field(page: Page, name: str) -> Any:
    return page.locator(f'[id="{name}"]')


def steps(person: Candidate, page: Page) -> None:
    page.goto(f"{person.server}/admin/exams/certification/{Certification.objects.get().pk}/steps/")


def step(page: Page, title: str) -> Any:
    return page.locator(".steps > li").filter(has=page.get_by_role("heading", name=title))


def stored(page: Page, kind: str, holds: Any) -> None:
    until(page, lambda: holds(Draft.objects.get(kind=kind, state="draft").content))


def write_the_facts(page: Page) -> None:
    """Fill in facts, texts, domains and task statements of the draft that is open, as it saves itself."""
    content = nothing.content()
    for name, value in content["facts"].items():
        if value not in ("", 0, []):
            field(page, f"facts.{name}").fill(str(value))
    for name, said in nothing.TEXTS["en"].items():
        field(page, f"texts.en.{name}").fill(said)
    for number, domain in enumerate(content["domains"]):
        page.get_by_role("button", name="Add a domain").click()
        field(page, f"domains.{number}.weight_percent").fill(str(domain["weight_percent"]))
        field(page, f"domains.{number}.names.en").fill(domain["names"]["en"])
        page.get_by_role("button", name=f"Add a task statement to domain {number + 1}").click()
        field(page, f"tasks.{number}.texts.en.title").fill(content["tasks"][number]["texts"]["en"]["title"])
    expect(page.locator("[data-remark-list]")).to_have_text("No remarks.")
    stored(page, "catalogue", lambda content: content["tasks"][1]["texts"].get("en"))


def review_and_publish(reviewer: Candidate, page: Page, draft: Draft) -> None:
    page.goto(f"{reviewer.server}/admin/exams/draft/{draft.pk}/edit/")
    page.get_by_role("button", name="Approve").click()
    page.get_by_label("Reason", exact=True).fill("Checked against the book.")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("This draft is closed.")).to_be_visible()


def send(page: Page) -> Draft:
    """Send the draft that is open to review."""
    page.get_by_role("button", name="Send to review").click()
    expect(page.get_by_text("Sent to review.")).to_be_visible()
    return Draft.objects.get(state="review")


def write_a_question(page: Page, number: int) -> None:
    """Write a question from the page of the steps on."""
    content = made.question(number)
    step(page, "Questions").get_by_role("link", name="New question").click()
    page.get_by_label("Code").fill(nothing.code_of(number))
    page.get_by_role("button", name="Begin").click()
    field(page, "task").select_option(content["task"])
    text = content["texts"]["en"]
    for name in ("stem", "ask", "why", "principle", "tip"):
        field(page, f"texts.en.{name}").fill(text[name])
    for place, option in enumerate(text["options"]):
        for name in ("text", "why"):
            field(page, f"texts.en.options.{place}.{name}").fill(option[name])
        if place:
            field(page, f"options.{place}.failure").select_option("W1")
        else:
            field(page, f"options.{place}.key").check()
    page.get_by_role("button", name="Add a reference").click()
    for name in ("title", "url"):
        field(page, f"references.0.{name}").fill(content["references"][0][name])
    stored(page, "item", lambda content: content["references"][0]["url"])


def take(page: Page) -> None:
    """Answer every question, all but one correctly, and submit."""
    for position in range(1, 11):
        question = page.locator(f"#q{position}")
        expect(question).to_be_visible()
        for option in question.locator(".option").all():
            is_key = (option.locator("[data-t]").inner_text().strip()) in KEYS
            if is_key != (position == 10):
                option.locator("label").click()
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


def test_a_certification_with_an_exam_of_ten_is_made_from_nothing_and_taken(
    author: Candidate, reviewer: Candidate, candidate: Candidate
) -> None:
    page, review = author.window(), reviewer.window()
    page.goto(f"{author.server}/admin/exams/certification/")
    page.get_by_role("link", name="New certification").click()
    page.get_by_label("Code").fill(nothing.CODE)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("0 of 8 steps are done.")).to_be_visible()
    step(page, "Facts and texts").get_by_role("link", name="Open the draft").click()
    write_the_facts(page)
    review_and_publish(reviewer, review, send(page))

    steps(author, page)
    write_a_question(page, 1)
    review_and_publish(reviewer, review, send(page))
    for number in range(2, 11):  # the others by the same acts, without a page
        acts.publish(
            acts.begin(Certification.objects.get(), "item", nothing.code_of(number)), made.question(number)
        )

    steps(author, page)
    expect(page.get_by_text("3 of 8 steps are done.")).to_be_visible()
    step(page, "Exam put together").get_by_role("link", name="New exam").click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("link", name="Draw questions").click()
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.locator(".places > li")).to_have_count(10)
    page.get_by_role("link", name="Proof sheet").click()
    expect(page.get_by_role("heading", name="Proof sheet: LK-07 Exam 1").first).to_be_visible()
    page.go_back()
    review_and_publish(reviewer, review, send(page))

    taking = candidate.window()
    taking.goto(f"{candidate.server}/")
    expect(taking.get_by_text("Lamp Keeper")).to_have_count(0)
    steps(reviewer, review)
    step(review, "On the site").get_by_role("link", name="Put it on the site").click()
    review.get_by_label("Reason").fill("Everything was checked by two.")
    review.get_by_role("button", name="Put it on the site").click()
    expect(review.get_by_text("Nothing is missing.")).to_be_visible()

    taking.reload()
    taking.get_by_role("link", name="Lamp Keeper").click()
    tile = taking.locator(".tile").filter(has_text="Exam 1")
    expect(tile).to_contain_text("10 questions")
    expect(tile).to_contain_text("20 min")
    tile.get_by_role("link").click()
    taking.get_by_role("button", name="Start exam 1").click()
    take(taking)
    expect(taking.locator("main")).to_contain_text("9 of 10")
    taking.goto(taking.url.replace("/result/", "/review/"))
    expect(taking.locator("main")).to_contain_text("A keeper of the harbor light")
    for path in ("dashboard/", "practice/", "", "corrections/", "search/?q=lamp"):
        reply = taking.goto(f"{candidate.server}/{nothing.CODE}/{path}")
        assert reply
        assert reply.status == 200, path


def test_the_pages_of_a_certification_can_be_read_by_everybody(
    make_candidate: MakeCandidate, db: None
) -> None:
    author = make_candidate(acts.staff("authors"), viewport={"width": 1440, "height": 900}, bypass_csp=True)
    profiles.update(author.user, ui_language=LANGUAGE)
    other = made.written("other")
    made.with_questions(other, 2)
    acts.begin(other, "form", "exam-1")
    draft = made.begun()
    full = acts.begin(other, "catalogue", "catalogue")
    page = author.window()
    paths = (
        "/admin/exams/certification/new/",
        f"/admin/exams/certification/{draft.certification_id}/steps/",
        f"/admin/exams/certification/{other.pk}/steps/",
        f"/admin/exams/certification/{other.pk}/change/",
        f"/admin/exams/draft/{draft.pk}/edit/",
        f"/admin/exams/draft/{full.pk}/edit/",
        f"/{LANGUAGE}/other/",
    )
    for number, path in enumerate(paths):
        visit(page, author.server + path)
        for look in looks_at(page):
            found = faults(page, [look], but=MENU if number else "")
            if folder := os.environ.get("SCREENSHOTS"):
                name = f"certification-{number}-{look[0]}.png"
                page.screenshot(path=Path(folder) / name, full_page=True)
            assert not found, (path, found)
