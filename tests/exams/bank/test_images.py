"""Images of the bank: stored once by their content, shown by their texts, sent to who knows their digest."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from exams.bank import markdown
from exams.bank import services as bank
from exams.bank.drafts import CannotPublish
from exams.bank.models import ItemImage
from exams.content.exchange_formats.pictures import read_picture
from tests import factories, roles
from tests.exams.content.exchange_formats.builders import image
from tests.factories import Form

PICTURE = read_picture(image("PNG", (40, 30)))
DIGEST = sha256(PICTURE.data).hexdigest()
ADDRESS = f"/images/{DIGEST}"
SHOWN = {PICTURE.name: markdown.Raster(DIGEST, 40, 30)}
MARKDOWN = f"![A red field](figure:{PICTURE.name})"


def render(text: str, shown: dict[str, markdown.Raster] | None = None) -> str:
    return markdown.render(text, markdown.Setting({}, images=SHOWN if shown is None else shown))


# --- Shown -------------------------------------------------------------------------------------------
def test_an_image_is_shown_with_its_words_and_its_size() -> None:
    shown = f'<img src="{ADDRESS}" alt="A red field" width="40" height="30">'
    assert render(MARKDOWN) == f"<figure>{shown}</figure>"


def test_words_of_an_image_stay_words() -> None:
    evil = f'!["><script>alert(1)</script>" onerror="x](figure:{PICTURE.name})'
    html = render(evil)
    assert "<script" not in html
    assert html.count("<img ") == 1
    assert 'onerror="' not in html


@pytest.mark.parametrize(
    ("text", "shown", "said"),
    [
        (MARKDOWN, {}, "isn't there"),
        (f"![](figure:{PICTURE.name})", None, "has no description"),
        (f"![ ](figure:{PICTURE.name})", None, "has no description"),
    ],
)
def test_an_image_that_is_missing_or_has_no_words_is_not_published(
    text: str, shown: dict[str, markdown.Raster] | None, said: str
) -> None:
    with pytest.raises(CannotPublish, match=said):
        render(text, shown)


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://evil.example/a.png)",
        "![x](/images/../admin/)",
        f"![x](/images/{DIGEST}?a=1)",
        "![x](//evil.example/images/a.png)",
        f"See ![x](figure:{PICTURE.name}) here",
    ],
)
def test_no_page_asks_anybody_else_for_an_image(text: str) -> None:
    assert "<img" not in render(text)
    assert "<img" not in markdown.render_inline(text)


def test_the_cleaner_alone_takes_a_foreign_address_from_an_image() -> None:
    cleaned = markdown._clean(f'<img src="https://evil.example/a.png" alt="x"><img src="{ADDRESS}" alt="y">')
    assert cleaned == f'<img alt="x"><img src="{ADDRESS}" alt="y">'


# --- Stored ------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_same_image_is_stored_once() -> None:
    for _ in range(2):
        bank.store_images([PICTURE, PICTURE])
    assert list(ItemImage.objects.values_list("digest", "width", "height")) == [(DIGEST, 40, 30)]
    assert bank.rasters([PICTURE.name, "image-0123456789abcdef"]) == SHOWN
    assert bank.pictures([PICTURE.name]) == (PICTURE,)


@pytest.mark.django_db
def test_images_are_read_as_far_as_there_is_room_for_them() -> None:
    other = read_picture(image("PNG", (41, 30)))
    bank.store_images([PICTURE, other])
    names = [PICTURE.name, other.name]
    assert len(bank.pictures(names, len(PICTURE.data) + len(other.data))) == 2
    assert len(bank.pictures(names, len(PICTURE.data) + len(other.data) - 1)) == 1


@pytest.mark.django_db
def test_another_image_under_the_name_of_one_is_refused() -> None:
    """Names are the first 64 bits of a digest: whoever tries long enough finds two images of one name."""
    bank.store_images([PICTURE])
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE exams_itemimage DROP CONSTRAINT item_image_by_content")
    other = read_picture(image("PNG", (41, 30)))
    digest = sha256(other.data).hexdigest()
    twin = digest[:16] + "0" * 48
    ItemImage.objects.create(
        digest=twin, media_type="image/png", width=1, height=1, content=b"was there first"
    )
    with pytest.raises(CannotPublish, match=other.name):
        bank.store_images([other])
    assert bank.rasters([other.name])[other.name].digest == twin


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"content": b"other"}, "item_image_by_content"),
        ({"media_type": "image/gif"}, "item_image_kind"),
        ({"content": bytes(5_000_001)}, "item_image_size"),
    ],
)
def test_the_database_refuses_what_is_no_image_by_its_content(
    change: dict[str, Any], constraint: str
) -> None:
    values: dict[str, Any] = {"media_type": "image/png", "width": 1, "height": 1, "content": PICTURE.data}
    values |= change
    digest = DIGEST if constraint == "item_image_by_content" else sha256(values["content"]).hexdigest()
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        ItemImage.objects.create(digest=digest, **values)


@pytest.mark.django_db
def test_names_are_found_by_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = bank._images_named([PICTURE.name]).explain()
    assert "item_image_name_once" in plan


@pytest.mark.django_db
def test_a_text_is_published_with_its_images_and_never_without(form: Form) -> None:
    draft = factories.item_draft("E1-Q01", 1)
    text = replace(draft.text, stem=f"A ferry sails.\n\n{MARKDOWN}", ask="Which one?")
    version = form.edition.items.get(position=1).version
    with pytest.raises(CannotPublish, match="isn't there"):
        bank.add_text(version, text, factories.publish_log())
    bank.store_images([PICTURE])
    assert ADDRESS in bank.add_text(version, text, factories.publish_log()).stem_html


# --- Sent --------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_an_image_is_sent_as_what_it_is_and_kept_for_ever(client: Client) -> None:
    bank.store_images([PICTURE])
    assert reverse("image", args=[DIGEST]) == ADDRESS
    reply = client.get(ADDRESS)
    assert (reply.status_code, reply.content) == (200, PICTURE.data)
    headers = {name: reply.headers.get(name, "") for name in reply.headers}
    assert headers["Content-Type"] == "image/png"
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Cookie" not in headers.get("Vary", "")
    assert not reply.cookies


@pytest.mark.django_db
def test_who_has_an_image_is_not_sent_it_again(client: Client) -> None:
    reply = client.get(ADDRESS, headers={"If-None-Match": f'"{DIGEST}"'})
    assert (reply.status_code, reply.content) == (304, b"")
    assert "immutable" in reply.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("digest", ["0" * 64, "0" * 63, DIGEST.upper(), DIGEST[:16], "x"])
def test_what_is_no_image_is_not_found(client: Client, digest: str) -> None:
    bank.store_images([PICTURE])
    reply = client.get(f"/images/{digest}")
    assert reply.status_code == 404
    assert "immutable" not in reply.headers.get("Cache-Control", "")
