"""Images of questions in a browser: added in the editor, seen in preview, exam and review."""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, Route, expect

from accounts.users.models import User
from exams.attempts import lifecycle
from exams.authoring import images
from exams.authoring.images import Upload
from exams.authoring.models import Draft
from exams.bank.models import ItemImage
from tests import factories
from tests.browser.axe import COLORS, LOOKS, PHONE, faults, turn
from tests.browser.conftest import MakeCandidate, until
from tests.browser.test_editor import begun, field, saved
from tests.exams.attempts.helpers import past_deadline
from tests.exams.authoring import acts
from tests.exams.content_sync.test_figures import SVG

pytestmark = pytest.mark.browser

FOLDER = os.environ.get("SCREENSHOTS", "")
NO_IMAGE = "This file isn't a PNG, JPEG or WebP image or an SVG drawing."
WORDS = "Requests travel from the client over a queue to two workers"


def diagram() -> bytes:
    """Return black lines on nothing, as drawing programs save them."""
    picture = Image.new("RGBA", (1_200, 500), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    for left in (40, 460, 880):
        pen.rectangle((left, 150, left + 280, 350), outline="black", width=6)
    for left in (320, 740):
        pen.line((left, 250, left + 140, 250), fill="black", width=6)
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def file_of(data: bytes, name: str = "diagram.png") -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def picture(page: Page, name: str) -> None:
    if FOLDER:
        page.screenshot(path=Path(FOLDER) / f"{name}.png", full_page=True)


def add(page: Page, data: bytes, name: str, words: str, place: str = "") -> None:
    if page.locator("#image[open]").count() == 0:
        page.get_by_text("Add an image or a drawing").click()
    if place:
        page.get_by_label("Where to add it").select_option(place)
    page.get_by_label("File", exact=True).set_input_files(file_of(data, name))
    page.get_by_label("Description (alternative text)").fill(words)
    page.get_by_role("button", name="Add it").click()


def is_loaded(image: Any) -> bool:
    return bool(image.evaluate("image => image.complete && image.naturalWidth > 0"))


@pytest.fixture
def draft(form: factories.Form, db: None) -> Draft:
    return begun(form, acts.staff("authors"))


def test_an_author_adds_an_image_where_they_write_and_sees_it_in_the_preview(
    draft: Draft, make_candidate: MakeCandidate
) -> None:
    author = make_candidate(
        acts.staff("authors"),
        viewport={"width": PHONE[0], "height": 900},
        color_scheme=PHONE[1],
        bypass_csp=True,
    )
    page = author.window()
    page.goto(f"{author.server}/admin/exams/draft/{draft.pk}/edit/")
    expect(page.locator("[data-languages]")).to_be_visible()
    stem = field(page, "texts.en.stem")
    stem.fill("A ferry sails. 🚢\n\nIts data arrives late.")
    field(page, "texts.en.ask").fill("Which answer is right?")
    stem.evaluate("area => { area.focus(); area.setSelectionRange(3, 3); }")
    add(page, diagram(), "diagram.png", WORDS)
    until(page, ItemImage.objects.exists)
    name = ItemImage.objects.get().name
    expect(stem).to_have_value(f"A ferry sails. 🚢\n\n![{WORDS}](figure:{name})\n\nIts data arrives late.")
    expect(stem).to_be_focused()
    frame = page.frame_locator('iframe[name="preview"]')
    shown = frame.get_by_role("img", name=WORDS)
    expect(shown).to_be_visible()
    until(page, lambda: is_loaded(shown))
    for look in reversed(LOOKS):
        turn(page, look)
        expect(shown).to_be_visible()
        assert frame.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth"), look

    add(page, SVG.encode(), "loss.svg", "Loss by epoch")
    expect(frame.get_by_role("img", name="Error by epoch")).to_be_visible()
    stem.fill(f"![](figure:{name})\n\nIts data arrives late.")
    expect(page.locator("[data-remark-list]")).to_contain_text("Describe the image between its brackets")
    for width, scheme in LOOKS:
        found = faults(page, [(width, scheme)])
        picture(page, f"editor-{width}-{scheme}")
        found += faults(page, [(width, "light" if scheme == "dark" else "dark")], COLORS)
        assert not found


def test_a_refused_image_says_why_also_after_late_remarks_and_keeps_the_text(
    draft: Draft, make_candidate: MakeCandidate
) -> None:
    author = make_candidate(acts.staff("authors"), viewport={"width": 1440, "height": 900})
    page = author.window()
    asked: list[Route] = []
    page.route("**/remarks/", lambda route: asked.append(route))
    page.goto(f"{author.server}/admin/exams/draft/{draft.pk}/edit/")
    expect(page.locator("[data-languages]")).to_be_visible()
    field(page, "texts.en.tip").fill("Typed just before.")
    until(page, lambda: "Typed just before." in str(asked and asked[-1].request.post_data))
    add(page, b"%PDF-1.7", "diagram.png", WORDS)
    said = page.locator("[data-refused-image]")
    expect(said).to_have_text(NO_IMAGE)
    late = {"field": "texts.en.tip", "label": "Exam tip", "sentence": "Too long.", "blocks": False}
    asked[-1].fulfill(json={"remarks": [late]})
    expect(page.locator("[data-remark-list]")).to_contain_text("Too long.")
    expect(said).to_have_text(NO_IMAGE)
    expect(field(page, "texts.en.tip")).to_have_value("Typed just before.")
    saved(page, 2)
    page.get_by_label("File", exact=True).set_input_files(file_of(diagram()))
    page.get_by_role("button", name="Add it").click()
    saved(page, 3)
    expect(said).to_be_empty()
    expect(field(page, "texts.en.tip")).to_have_value(
        f"Typed just before.\n\n![{WORDS}](figure:{ItemImage.objects.get().name})"
    )


def test_an_image_is_added_without_script(draft: Draft, make_candidate: MakeCandidate) -> None:
    author = make_candidate(acts.staff("authors"), java_script_enabled=False)
    page = author.window()
    page.goto(f"{author.server}/admin/exams/draft/{draft.pk}/edit/")
    field(page, "texts.en.tip").fill("Typed just before.")
    add(page, diagram(), "diagram.png", WORDS, "texts.en.tip")
    until(page, ItemImage.objects.exists)
    expect(field(page, "texts.en.tip")).to_have_value(
        f"Typed just before.\n\n![{WORDS}](figure:{ItemImage.objects.get().name})"
    )


@pytest.fixture
def shown(form: factories.Form, db: None) -> factories.Form:
    """An exam whose second question shows an image, and its explanation another."""
    draft = acts.begin(form.form.certification, "item", "E1-Q02")
    for place, size in (("stem", 1_200), ("options.0.why", 700)):
        data = BytesIO()
        Image.open(BytesIO(diagram())).resize((size, 500)).save(data, "PNG")
        draft = images.add(
            draft_id=draft.pk,
            revision=draft.revision,
            content=draft.content,
            upload=Upload(data.getvalue(), "a.png", f"{WORDS} {size}", f"texts.en.{place}"),
            actor=acts.staff("authors"),
        )
    english = {**draft.content["texts"]["en"], "ask": "Which answer is right?"}
    acts.publish(draft, {"texts": {**draft.content["texts"], "en": english}})
    return form


def test_a_candidate_sees_an_image_without_connection_and_the_other_one_after_the_exam(
    shown: factories.Form, anna: User, make_candidate: MakeCandidate
) -> None:
    person = make_candidate(
        anna, viewport={"width": PHONE[0], "height": 900}, color_scheme=PHONE[1], bypass_csp=True
    )
    attempt_id = factories.start(anna, shown).attempt_id
    page = person.window()
    page.goto(f"{person.server}/attempts/{attempt_id}/")
    drawn = page.locator("#q2 .stem img")
    until(page, lambda: is_loaded(drawn))  # while the first question is shown
    assert page.locator("img[alt$=' 700']").count() == 0
    person.context.set_offline(True)
    page.locator("[rel=next]").click()
    expect(drawn).to_be_visible()
    expect(drawn).to_have_attribute("alt", f"{WORDS} 1200")
    for look in LOOKS:
        assert not faults(page, [look])
        expect(drawn).to_be_visible()
        picture(page, f"taking-{look[0]}-{look[1]}")
    person.context.set_offline(False)

    past_deadline(attempt_id, 60)
    lifecycle.settle(user=anna, attempt_id=attempt_id)
    page = person.window()
    page.goto(f"{person.server}/attempts/{attempt_id}/review/?open=all")
    told = page.locator(f"img[alt='{WORDS} 700']")
    until(page, lambda: told.count() == 1)
    until(page, lambda: is_loaded(told))
    for look in LOOKS:
        assert not faults(page, [look])
        expect(told).to_be_visible()
        picture(page, f"review-{look[0]}-{look[1]}")
