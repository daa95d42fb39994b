"""The preview of a draft shows what was typed last, in whatever order the replies come."""

from contextlib import suppress

import pytest
from playwright.sync_api import Error, Request, expect

from tests import factories
from tests.browser.conftest import Held, MakeCandidate, until
from tests.browser.test_editor import field, opened

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
    page.wait_for_timeout(300)
    expect(shown).to_contain_text("Which words are newer?")
