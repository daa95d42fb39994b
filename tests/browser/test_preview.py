"""The preview of a draft shows what was typed last, in whatever order the replies come."""

from contextlib import suppress

import pytest
from playwright.sync_api import Error, Request, expect

from exams.authoring import services as authoring
from exams.bank.models import Item
from tests import factories
from tests.browser.conftest import Held, MakeCandidate, settled, until
from tests.browser.test_editor import CODE, field, opened, saved

pytestmark = pytest.mark.browser

PREVIEW = "**/preview/**"


def test_a_late_reply_puts_no_older_text_into_the_preview(
    form: factories.Form, make_candidate: MakeCandidate
) -> None:
    page = opened(make_candidate(factories.make_staff("authors"), viewport={"width": 1440, "height": 900}))
    shown, ask = page.frame_locator('iframe[name="preview"]').locator("main"), field(page, "texts.en.ask")
    ask.fill("Which words are the first?")
    expect(shown).to_contain_text("Which words are the first?")
    over: list[Request] = []
    page.on("requestfinished", lambda request: over.append(request))
    page.on("requestfailed", lambda request: over.append(request))
    held = Held(page, PREVIEW)
    ask.fill("Which words are older?")
    until(page, lambda: held.routes)
    late = held.routes.pop()
    held.let_go()
    ask.fill("Which words are newer?")
    expect(shown).to_contain_text("Which words are newer?")
    with suppress(Error):  # the page may have given it up
        late.continue_()
    until(page, lambda: late.request in over)
    settled(page)
    expect(shown).to_contain_text("Which words are newer?")


def test_a_first_translation_is_seen_as_it_is_written_and_at_its_full_size(
    form: factories.Form, make_candidate: MakeCandidate
) -> None:
    item = Item.objects.get(code=CODE)
    person = make_candidate(factories.make_staff("authors"), viewport={"width": 1440, "height": 900})
    draft = authoring.open_draft(kind="item", certification=item.certification, name=CODE, actor=person.user)
    texts = {"en": draft.content["texts"]["en"]}
    authoring.save(
        draft_id=draft.pk, revision=1, content={**draft.content, "texts": texts}, actor=person.user
    )
    page = opened(person)
    languages = page.get_by_label("Language", exact=True)
    expect(languages.locator("option")).to_have_text(["English"])
    for name in ("stem", "ask", "why", "principle", "tip"):
        field(page, f"texts.hu.{name}").fill("Első magyar szavak.")
    for number in range(len(texts["en"]["options"])):
        for name in ("text", "why"):
            field(page, f"texts.hu.options.{number}.{name}").fill(f"{number}. válasz")
    expect(languages.locator("option")).to_have_text(["English", "Magyar"])
    languages.select_option("hu")
    expect(page.frame_locator('iframe[name="preview"]').locator("main")).to_contain_text(
        "Első magyar szavak."
    )
    saved(page, 3)
    with page.context.expect_page() as opening:
        page.get_by_role("link", name="Full size in a new tab").click()
    expect(opening.value.locator("main")).to_contain_text("Első magyar szavak.")
    assert opening.value.evaluate("innerWidth") == 1440
