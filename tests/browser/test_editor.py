"""Writing questions in a browser: from the first word to the exam, alone and by two at once."""

import re
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Dialog, Page, Route, expect

from accounts.profile.models import Profile
from accounts.users.models import User
from exams.assembly import services as assembly
from exams.assembly.models import ExamForm
from exams.authoring import services
from exams.authoring.models import Draft, DraftSave, State
from exams.bank import services as bank
from exams.bank.models import Item
from tests import factories
from tests.browser.axe import LANGUAGE, MENU, faults, visit
from tests.browser.conftest import Candidate, MakeCandidate, settled, until

pytestmark = pytest.mark.browser

CODE = "E1-Q01"
TABLE = "| Model | Accuracy |\n| --- | --: |\n| A | 0.91 |\n\n```python\nprint('loss')\n```\n\n"
FIGURE = (
    '<svg viewBox="0 0 320 200"><title>Loss by epoch</title><desc>Loss 3 at epoch 1, 1 at epoch 9.</desc>'
    '<path class="grid" d="M0 0h3"></path></svg>'
)
STEM = (
    f"{TABLE}![Loss by epoch](figure:loss)\n\n"
    "A ferry operator compares two models of its demand and has one evening for it."
)


def with_figure(code: str) -> None:
    """Publish a question again with a figure, which its author may show wherever they want."""
    item = Item.objects.get(code=code)
    assert item.current is not None
    shape = tuple(item.current.options.values_list("is_key", flat=True))
    draft = factories.item_draft(code, item.task.domain.number, keys=shape)
    stem = f"![Loss by epoch](figure:loss)\n\n{draft.text.stem}"
    text = replace(draft.text, stem=stem, figures=(("loss", FIGURE),))
    log = factories.publish_log()
    bank.publish(bank.draft_version(item, replace(draft, text=text), log))
    for form in ExamForm.objects.filter(current__items__version__item=item).distinct():
        assembly.renew(form, log)


def opened(person: Candidate) -> Page:
    """Open the draft of the question from the list, as somebody does who begins to work."""
    page = person.window()
    page.goto(f"{person.server}/admin/exams/item/?q={CODE}")
    with page.expect_response("**/touch/"):  # whoever opens it after that is told who has it open
        page.get_by_role("button", name="Edit").first.click()
    expect(page.locator("[data-languages]")).to_be_visible()  # the script is there
    return page


def field(page: Page, name: str) -> Any:
    return page.locator(f'[id="{name}"]')


def saved(page: Page, revision: int) -> None:
    """Wait until the page says that a revision is stored."""
    until(page, lambda: page.locator("#editor").get_attribute("data-revision") == str(revision))
    expect(page.locator("[data-saving]")).to_contain_text("Saved")


@pytest.fixture
def author(make_candidate: MakeCandidate, db: None) -> Candidate:
    return make_candidate(factories.make_staff("authors"), viewport={"width": 1440, "height": 900})


@pytest.fixture
def reviewer(make_candidate: MakeCandidate, db: None) -> Candidate:
    return make_candidate(factories.make_staff("reviewers"), viewport={"width": 1440, "height": 900})


def test_a_question_goes_from_the_first_word_to_the_exam(
    form: factories.Form, author: Candidate, reviewer: Candidate, candidate: Candidate
) -> None:
    with_figure(CODE)
    running = factories.start(candidate.user, form)
    page = opened(author)
    remarks = page.locator("[data-remark-list]")

    field(page, "texts.en.stem").fill(STEM)
    field(page, "texts.en.ask").fill("Which answer is NOT right?")
    field(page, "texts.en.options.1.text").fill(
        "Always the second answer, which the ferry operator compares at length"
    )
    expect(remarks).to_contain_text("“NOT” makes the question negative")
    expect(remarks).to_contain_text("“Always” gives an option away")
    expect(page.locator('[data-said="texts.en.options.1.text"]')).to_contain_text("Always")
    frame = page.frame_locator('iframe[name="preview"]')
    expect(frame.locator("table td.num")).to_have_text("0.91")
    expect(frame.locator("pre")).to_contain_text("print('loss')")
    expect(frame.locator("figure svg")).to_be_visible()
    expect(frame.locator("figure figcaption").last).to_have_text("Loss by epoch")

    field(page, "texts.en.ask").fill("Which answer is right?")
    field(page, "texts.en.options.1.text").fill("Answer 1 in other words")
    expect(remarks).not_to_contain_text("NOT")
    expect(remarks).not_to_contain_text("Always")
    until(page, lambda: Draft.objects.get().content["texts"]["en"]["options"][1]["text"].endswith("words"))
    page.get_by_label("Reviewer").select_option(label=reviewer.user.email)
    page.get_by_role("button", name="Send to review").click()
    expect(page.get_by_text("Sent to review.")).to_be_visible()

    review = reviewer.window()
    review.goto(f"{reviewer.server}/admin/exams/draft/?assigned=me")
    review.get_by_role("link", name=CODE, exact=True).click()
    review.get_by_label("Comment", exact=True).fill("The table is clear.")
    review.get_by_role("button", name="Add comment").click()
    expect(review.get_by_text("The table is clear.")).to_be_visible()
    review.get_by_role("button", name="Approve").click()
    review.get_by_label("Reason", exact=True).fill("Two models side by side.")
    review.get_by_role("button", name="Publish").click()
    expect(review.get_by_text("This draft is closed.")).to_be_visible()

    edition = ExamForm.objects.get(pk=form.form.pk).current
    assert edition is not None
    assert edition.number == 3
    assert Draft.objects.get().state == State.PUBLISHED
    taking = candidate.window()
    taking.goto(f"{candidate.server}/attempts/{running.attempt_id}/")
    expect(taking.locator("#q1 .stem")).to_contain_text(f"A ferry operator of item {CODE} keeps its data.")
    expect(taking.locator("#q1 .stem table")).to_have_count(0)
    stem = edition.papers.get(language="en").content[0]["stem"]
    assert (stem.count("<table"), stem.count("<svg")) == (1, 1)
    page.goto(f"{author.server}/admin/exams/item/?q=evening")
    page.get_by_role("link", name=re.compile(rf"^{CODE}\s*MLS-C01$")).click()
    expect(page.locator("#history")).to_contain_text("published: version 3")
    expect(page.locator("#history")).to_contain_text("Two models side by side.")
    expect(page.locator("#history")).to_contain_text(reviewer.user.email)


def test_two_authors_at_once_lose_nothing_and_are_both_told(
    form: factories.Form, author: Candidate, reviewer: Candidate
) -> None:
    first, second = opened(author), opened(reviewer)
    field(first, "texts.en.stem").fill("The first author's text.")
    saved(first, 2)
    expect(second.locator("[data-people]")).to_contain_text(author.user.email)

    field(second, "texts.en.stem").fill("The second author's text.")
    field(second, "texts.en.tip").fill("The second author's tip.")
    conflict = second.locator("[data-conflict]")
    expect(conflict).to_be_visible()
    expect(conflict).to_contain_text("The first author's text.")
    expect(conflict).to_contain_text("The second author's text.")
    expect(second.locator("[data-saving]")).to_contain_text("Not saved")
    assert Draft.objects.get().content["texts"]["en"]["stem"] == "The first author's text."
    field(second, "texts.en.stem").fill("Both authors' text.")
    conflict.get_by_role("button", name="Save my choice").click()
    saved(second, 3)
    draft = Draft.objects.get()
    assert draft.content["texts"]["en"]["stem"] == "Both authors' text."
    assert draft.content["texts"]["en"]["tip"] == "The second author's tip."
    assert DraftSave.objects.get(revision=2).content["texts"]["en"]["stem"] == "The first author's text."

    first.bring_to_front()
    first.evaluate("dispatchEvent(new Event('visibilitychange'))")
    expect(first.locator("[data-people]")).to_contain_text(f"{reviewer.user.email} saved a newer text.")
    first.get_by_role("button", name="Load it").click()
    expect(field(first, "texts.en.stem")).to_have_value("Both authors' text.")


def test_nobody_reads_that_they_saved_over_themselves(form: factories.Form, author: Candidate) -> None:
    page = opened(author)
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/edit/", lambda route: held.append((route, route.fetch())))
    page.get_by_role("button", name="Add a reference").click()
    until(page, lambda: bool(held))  # it is stored, and the page doesn't know yet
    with page.expect_response("**/touch/") as asked:
        page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    assert asked.value.json()["revision"] > int(page.locator("#editor").get_attribute("data-revision") or 0)
    settled(page)
    expect(page.locator("[data-people]")).to_have_text("")
    for route, reply in held:
        route.fulfill(response=reply)
    saved(page, 2)
    expect(page.locator("[data-people]")).to_have_text("")


def test_what_another_saved_is_not_newer_than_what_the_page_saved_after_it(
    form: factories.Form, author: Candidate, reviewer: Candidate
) -> None:
    first, second = opened(author), opened(reviewer)
    field(first, "texts.en.stem").fill("The first author's text.")
    saved(first, 2)
    second.evaluate("dispatchEvent(new Event('visibilitychange'))")
    expect(second.locator("[data-people]")).to_contain_text("saved a newer text")
    field(second, "texts.en.stem").fill("The second author's text.")
    second.locator("[data-conflict]").get_by_role("button", name="Save my choice").click()
    saved(second, 3)
    expect(second.locator("[data-people]")).not_to_contain_text("saved a newer text", timeout=2000)


def test_what_one_did_not_change_is_taken_over_from_the_other(
    form: factories.Form, author: Candidate, reviewer: Candidate
) -> None:
    first, second = opened(author), opened(reviewer)
    field(first, "texts.en.principle").fill("The first author's principle.")
    saved(first, 2)
    field(second, "texts.en.tip").fill("The second author's tip.")
    conflict = second.locator("[data-conflict]")
    expect(conflict).to_contain_text("Taken over, since you had not changed it")
    expect(field(second, "texts.en.principle")).to_have_value("The first author's principle.")
    conflict.get_by_role("button", name="Save my choice").click()
    saved(second, 3)
    english = Draft.objects.get().content["texts"]["en"]
    assert (english["principle"], english["tip"]) == (
        "The first author's principle.",
        "The second author's tip.",
    )


def test_without_connection_the_text_is_kept_and_saved_later(form: factories.Form, author: Candidate) -> None:
    page = opened(author)
    author.context.set_offline(True)
    field(page, "texts.en.tip").fill("Written in a tunnel.")
    expect(page.locator("[data-saving]")).to_contain_text("no connection")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.close(run_before_unload=True)
    until(page, lambda: asked == ["beforeunload"])
    author.context.set_offline(False)
    until(page, lambda: Draft.objects.get().content["texts"]["en"]["tip"] == "Written in a tunnel.", 15)


def test_options_move_and_come_without_a_page_in_between(form: factories.Form, author: Candidate) -> None:
    page = opened(author)
    field(page, "texts.en.options.0.text").fill("Typed just before the move")
    page.get_by_role("button", name="Move option A down").click()
    expect(field(page, "texts.en.options.1.text")).to_have_value("Typed just before the move")
    page.get_by_role("button", name="Add an option").click()
    expect(page.locator(".option")).to_have_count(5)
    until(page, lambda: len(Draft.objects.get().content["options"]) == 5)
    page.get_by_role("button", name="Remove option E").click()
    expect(page.locator(".option")).to_have_count(4)


def test_a_browser_without_script_saves_by_the_button(
    form: factories.Form, make_candidate: MakeCandidate
) -> None:
    person = make_candidate(factories.make_staff("authors"), java_script_enabled=False)
    draft = begun(form, person.user)
    page = person.window()
    page.goto(f"{person.server}/admin/exams/draft/{draft.pk}/edit/")
    field(page, "texts.en.tip").fill("Without script.")
    page.get_by_role("button", name="Save").last.click()
    until(page, lambda: Draft.objects.get().content["texts"]["en"]["tip"] == "Without script.")


def begun(form: factories.Form, person: User) -> Draft:
    return services.open_draft(kind="item", certification=form.form.certification, name=CODE, actor=person)


def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    form: factories.Form, make_candidate: MakeCandidate
) -> None:
    root = factories.make_staff("admin")
    Profile.objects.update_or_create(user=root, defaults={"ui_language": LANGUAGE})
    person = make_candidate(root, viewport={"width": 1440, "height": 900}, bypass_csp=True)
    draft = begun(form, root)
    factories.publish_again(CODE)
    item = Item.objects.get(code=CODE)
    page = person.window()
    paths = (
        f"draft/{draft.pk}/edit/",
        f"draft/{draft.pk}/versions/",
        f"draft/{draft.pk}/preview/",
        f"draft/{draft.pk}/preview/?view=review",
        "draft/",
        "item/new/",
        f"item/{item.pk}/change/",
        f"item/{item.pk}/compare/",
        f"item/{item.pk}/restore/",
    )
    for number, path in enumerate(paths):
        visit(page, f"{person.server}/admin/exams/{path}")
        found = faults(page, but=MENU if number else "")
        assert not found, (path, found)
