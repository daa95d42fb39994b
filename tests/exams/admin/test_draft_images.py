"""An image in the editor of a question: the form without script, its refusals, and the preview."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from exams.authoring.models import Draft
from exams.bank.models import ItemImage
from exams.content.exchange_formats import limits
from exams.content.exchange_formats.pictures import read_picture
from tests.exams.admin.editing import ask, at, fields, stored
from tests.exams.content.exchange_formats.builders import image
from tests.exams.content_sync.test_figures import SVG
from tests.markup import squeezed

pytestmark = pytest.mark.django_db

PNG = image("PNG", (40, 30))
NAME = read_picture(PNG).name


def send(desk: Client, draft: Draft, data: bytes = PNG, name: str = "field.png", **more: str) -> Any:
    form = fields(draft) | {"image.told": "A red field", "image.field": "texts.en.stem", "do": "image"}
    form |= {key.replace("__", "."): value for key, value in more.items()}
    return desk.post(at(draft, "image"), {**form, "image.file": SimpleUploadedFile(name, data)})


def test_the_page_offers_every_text_that_may_show_an_image(desk: Client, draft: Draft) -> None:
    page = squeezed(desk.get(at(draft)))
    assert f'formaction="{at(draft, "image")}"' in page
    assert 'formenctype="multipart/form-data"' in page
    places = page.partition('name="image.field"')[2].partition("</select>")[0]
    assert '<option value="texts.en.options.1.why">Option B: Explanation (English)</option>' in places
    assert "texts.en.ask" not in places


def test_the_form_saves_what_it_holds_with_the_image(desk: Client, draft: Draft) -> None:
    stem = "A new stem.\n\nIts end."
    reply = send(desk, draft, texts__en__stem=stem, texts__en__ask="Which one?", image__at="3")
    assert (reply.status_code, reply.headers["Location"]) == (302, at(draft))
    shown = stored(draft).content["texts"]["en"]["stem"]
    assert shown == f"A new stem.\n\n![A red field](figure:{NAME})\n\nIts end."
    assert "Image added" in desk.get(at(draft)).content.decode()


def test_the_preview_shows_the_image_before_anything_is_saved(desk: Client, draft: Draft) -> None:
    send(desk, draft)
    source = f'src="/images/{ItemImage.objects.get().digest}"'
    assert source in desk.get(at(draft, "preview")).content.decode()
    typed = {**fields(stored(draft)), "texts.en.why": f"![The same](figure:{NAME})"}
    reply = desk.post(
        f"{at(draft, 'preview')}?view=review", {"fields": typed}, content_type="application/json"
    )
    assert reply.content.decode().count(source) == 2


def test_a_drawing_is_shown_with_its_caption(desk: Client, draft: Draft) -> None:
    send(desk, draft, SVG.encode(), "Loss.svg", image__told="Loss by epoch")
    page = desk.get(at(draft, "preview")).content.decode()
    assert '<svg class="fig" role="img"' in page
    assert "<figcaption>Loss by epoch</figcaption>" in page


@pytest.mark.parametrize(
    ("data", "more", "said"),
    [
        (b"%PDF-1.7", {}, "This file isn't a PNG, JPEG or WebP image or an SVG drawing."),
        (b"", {}, "Choose a file that isn't empty."),
        (bytes(limits.IMAGE_SIZE + 9), {}, "Images can have at most 5 MB and 20 megapixels."),
        (PNG, {"image__told": ""}, "Describe the image for people who can't see it."),
        (PNG, {"image__field": "task"}, "Choose where to add the image."),
    ],
)
def test_a_refusal_stands_at_the_image_and_keeps_what_was_typed(
    desk: Client, draft: Draft, data: bytes, more: dict[str, str], said: str
) -> None:
    reply = send(desk, draft, data, texts__en__stem="Typed just now.", **more)
    page = reply.content.decode()
    assert reply.status_code == 422
    assert f"<li data-blocks>{escape(said)}</li>" in page
    assert '<details class="help" id="image" open>' in page
    assert "Typed just now." in page
    assert stored(draft).content == draft.content
    assert not ItemImage.objects.exists()


def test_a_stale_form_shows_both_texts_and_stores_no_image(desk: Client, draft: Draft) -> None:
    form = fields(draft, texts__en__tip="Another tip.")
    ask(desk, draft, "save", {"revision": draft.revision, "fields": form})
    reply = send(desk, draft, texts__en__tip="My tip.")
    assert reply.status_code == 409
    assert "Another tip." in reply.content.decode()
    assert not ItemImage.objects.exists()


def test_a_form_without_a_file_says_so(desk: Client, draft: Draft) -> None:
    reply = desk.post(at(draft, "image"), {**fields(draft), "image.field": "texts.en.stem"})
    said = escape("Choose a file that isn't empty.")
    assert (reply.status_code, said in reply.content.decode()) == (422, True)
