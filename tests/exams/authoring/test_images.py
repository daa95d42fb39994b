"""Images and drawings in a draft: what is taken, where it goes, what is refused, and that it stays."""

from base64 import b64encode
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from accounts.base.errors import Refused
from accounts.jobs.registry import JobContext, Progress
from exams.authoring import exports, images, imports, kinds, services
from exams.authoring.images import Upload, inserted
from exams.authoring.models import Draft
from exams.bank.models import Item, ItemImage, ItemText
from exams.bank.services import current_versions
from exams.content.exchange_formats import drawings, limits, registry
from exams.content.exchange_formats.pictures import name_of, read_picture
from exams.content.exchange_formats.shape import item_texts
from exams.content_sync.stored import pictures, whole_items
from tests.exams.authoring import acts
from tests.exams.authoring.test_imports import fates, run, upload
from tests.exams.content.exchange_formats.builders import image
from tests.exams.content_sync.test_figures import SVG
from tests.factories import Form

pytestmark = pytest.mark.django_db

PNG = image("PNG", (40, 30))
NAME = read_picture(PNG).name
STEM = "texts.en.stem"


@pytest.fixture
def draft(form: Form) -> Draft:
    return acts.begin(form.form.certification, "item", "E1-Q01")


def add(
    draft: Draft,
    data: bytes = PNG,
    *,
    told: str = "A red field",
    field: str = STEM,
    file: str = "a.png",
    at: int | None = None,
    role: str = "authors",
) -> Draft:
    return images.add(
        draft_id=draft.pk,
        revision=draft.revision,
        content=draft.content,
        upload=Upload(data, file, told, field, at),
        actor=acts.staff(role),
    )


def refused(draft: Draft, *args: Any, **more: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        add(draft, *args, **more)
    assert Draft.objects.get(pk=draft.pk).content == draft.content
    assert not ItemImage.objects.exists()
    return caught.value


# --- Added -------------------------------------------------------------------------------------------
def test_an_image_is_kept_without_anything_but_pixels_and_shown_in_its_text(draft: Draft) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    exif[0x8825] = {1: "N", 2: (47.0, 29.0, 53.0), 3: "E", 4: (19.0, 2.0, 23.0)}
    data = image("JPEG", (40, 30), exif=exif)
    with Image.open(BytesIO(data)) as told:
        assert told.getexif().get_ifd(0x8825)[2] == (47.0, 29.0, 53.0)
    saved = add(draft, data)
    kept = ItemImage.objects.get()
    assert b"Secret" not in bytes(kept.content)
    with Image.open(BytesIO(bytes(kept.content))) as found:
        assert not found.getexif()
    assert saved.content["texts"]["en"]["stem"].endswith(f"\n\n![A red field](figure:{kept.name})")
    assert saved.revision == draft.revision + 1


def test_a_drawing_goes_into_the_draft_under_a_name_of_its_own(draft: Draft) -> None:
    once = add(draft, SVG.encode(), file="Loss Curve (2).svg", told="Loss by epoch", field="texts.en.why")
    (figure,) = once.content["texts"]["en"]["figures"]
    assert figure["name"].startswith("loss-curve-2-")
    assert once.content["texts"]["en"]["why"].endswith(f"![Loss by epoch](figure:{figure['name']})")
    assert "xmlns" not in figure["svg"]
    twice = add(once, SVG.encode(), file="Loss Curve (2).svg")
    assert twice.content["texts"]["en"]["figures"] == [figure]
    other = add(twice, SVG.replace("20,30", "20,31").encode(), file="Loss Curve (2).svg")
    assert len({one["name"] for one in other.content["texts"]["en"]["figures"]}) == 2
    assert not ItemImage.objects.exists()


def test_a_drawing_that_was_exported_is_the_same_drawing_here(draft: Draft) -> None:
    once = add(draft, SVG.encode(), file="loss.svg")
    (figure,) = once.content["texts"]["en"]["figures"]
    twice = add(once, drawings.standalone(figure["svg"]), file="loss.svg")
    assert twice.content["texts"]["en"]["figures"] == [figure]


@pytest.mark.parametrize("field", ["texts.en.options.1.text", "texts.en.options.4.why", "texts.hu.tip"])
def test_an_image_goes_into_any_text_of_paragraphs(draft: Draft, field: str) -> None:
    if "options.4" in field:
        draft = acts.begin(draft.certification, "item", "E1-Q03")
    found: Any = add(draft, field=field).content
    for step in field.split("."):
        found = found[int(step) if step.isdigit() else step]
    assert found.endswith(f"![A red field](figure:{NAME})")


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("", None, "F"),
        ("one\n\ntwo", None, "one\n\ntwo\n\nF"),
        ("one\n\ntwo", 0, "one\n\nF\n\ntwo"),
        ("one\n\ntwo", 3, "one\n\nF\n\ntwo"),
        ("one\r\n\r\ntwo", 2, "one\n\nF\n\ntwo"),
        ("one\n\ntwo", 6, "one\n\ntwo\n\nF"),
        ("one", 99_999, "one\n\nF"),
    ],
)
def test_a_figure_goes_below_the_paragraph_that_is_written(text: str, at: int | None, expected: str) -> None:
    assert inserted(text, "F", at) == expected


def test_a_question_at_the_end_of_a_stem_gets_its_own_field(draft: Draft) -> None:
    """The last sentence of a stem is its question: below it, the image would be taken for that."""
    content = {**draft.content["texts"]["en"], "stem": "A ferry sails. Which one? (Select TWO.)", "ask": ""}
    draft.content["texts"]["en"] = content
    english = add(draft).content["texts"]["en"]
    assert english["stem"] == f"A ferry sails.\n\n![A red field](figure:{NAME})"
    assert english["ask"] == "Which one? (Select TWO.)"


def test_words_cannot_break_out_of_their_brackets(draft: Draft) -> None:
    stem = add(draft, told="a](javascript:alert(1)) ![b\n\n# c").content["texts"]["en"]["stem"]
    assert stem.endswith(f"![a)(javascript:alert(1)) (b # c](figure:{NAME})")


# --- Refused -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Choose a file that isn't empty."),
        (b"%PDF-1.7", "This file isn't a PNG, JPEG or WebP image or an SVG drawing."),
        (image("GIF"), "This file isn't a PNG, JPEG or WebP image or an SVG drawing."),
        (b"GIF89a/*" + PNG, "This file isn't a PNG, JPEG or WebP image or an SVG drawing."),
        (image("JPEG", (40, 30))[:300], "This image is damaged. Save it again, then try once more."),
        (bytes(limits.IMAGE_SIZE + 1), "Images can have at most 5 MB and 20 megapixels."),
        (image("PNG", (5_000, 4_001)), "Images can have at most 5 MB and 20 megapixels."),
        (
            SVG.replace("<polyline", "<script>alert(1)</script><polyline").encode(),
            "This drawing contains something that pages can't show. Line 4: <script> is not allowed.",
        ),
        (
            b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
            "This drawing contains something that pages can't show. Line 1: a document type is not allowed.",
        ),
    ],
)
def test_what_is_no_good_image_is_refused_at_its_field(draft: Draft, data: bytes, said: str) -> None:
    found = refused(draft, data)
    assert (str(found), found.status, found.extra) == (said, 422, {"field": "image.file"})


def test_a_script_behind_an_image_is_not_kept(draft: Draft) -> None:
    add(draft, PNG + b"<script>alert(1)</script>")
    assert b"script" not in bytes(ItemImage.objects.get().content)


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"told": " \n "}, "no_words", "image.told"),
        ({"field": "texts.en.ask"}, "unknown_field", "image.field"),
        ({"field": "texts.en.options.4.text"}, "unknown_field", "image.field"),
        ({"field": "texts.xx.stem"}, "unknown_field", "image.field"),
        ({"field": ""}, "unknown_field", "image.field"),
    ],
)
def test_an_image_needs_words_and_a_place(draft: Draft, more: dict[str, Any], code: str, field: str) -> None:
    found = refused(draft, **more)
    assert (found.code, found.status, found.extra) == (code, 422, {"field": field})


@pytest.mark.parametrize(
    ("role", "field", "code"),
    [
        ("translators", STEM, "only_translations"),
        ("support", STEM, "not_allowed"),
        ("finance", "texts.hu.stem", "not_allowed"),
    ],
)
def test_who_may_not_write_there_stores_nothing(draft: Draft, role: str, field: str, code: str) -> None:
    assert refused(draft, role=role, field=field).code == code


def test_a_translator_shows_an_image_in_a_translation(draft: Draft) -> None:
    assert NAME in add(draft, role="translators", field="texts.hu.stem").content["texts"]["hu"]["stem"]


def test_an_image_over_a_newer_save_is_not_stored(draft: Draft) -> None:
    seen = Draft.objects.get(pk=draft.pk)
    newer = {**draft.content, "tags": ["newer"]}
    services.save(draft_id=draft.pk, revision=draft.revision, content=newer, actor=acts.staff("reviewers"))
    with pytest.raises(Refused) as caught:
        add(seen)
    assert caught.value.code == "stale_draft"
    assert not ItemImage.objects.exists()


# --- What the rules say ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"![](figure:{NAME})", "image-words"),
        ("![A field](figure:image-0123456789abcdef)", "known-figure"),
        ("![A field](figure:absent)", "known-figure"),
        (f"![A field](figure:{NAME})", ""),
    ],
)
def test_an_image_without_words_and_one_that_is_not_there_keep_a_draft_from_review(
    draft: Draft, text: str, rule: str
) -> None:
    draft = add(draft, field="texts.en.tip")
    english = draft.content["texts"]["en"]
    content = {**draft.content, "texts": {**draft.content["texts"], "en": {**english, "principle": text}}}
    found = kinds.kind_of("item").remarks(draft.certification, draft.name, content)
    mine = [one for one in found if one.rule in ("image-words", "known-figure")]
    assert [(one.field, one.rule, one.blocks) for one in mine] == (
        [("texts.en.principle", rule, True)] if rule else []
    )


# --- Published, exported, imported -------------------------------------------------------------------
def published(draft: Draft, kind: str = "PNG") -> str:
    """Publish the draft with an image in its stem and a drawing in its explanation; return its Markdown."""
    noisy, out = Image.effect_noise((64, 48), 80).convert("RGB"), BytesIO()
    noisy.save(out, kind)
    draft = add(draft, out.getvalue(), field="texts.en.stem")
    draft = add(draft, SVG.encode(), file="loss.svg", field="texts.en.why")
    stem = draft.content["texts"]["en"]["stem"]
    # The question stands in its own field, or the image would be taken for a part of it.
    english = {**draft.content["texts"]["en"], "ask": "Which answer is right?"}
    acts.publish(draft, {"texts": {**draft.content["texts"], "en": english}})
    return str(stem)


def test_a_published_version_shows_its_image_for_ever(form: Form, draft: Draft) -> None:
    published(draft)
    text = ItemText.objects.filter(version__item__code="E1-Q01", language="en").latest("pk")
    digest = ItemImage.objects.get().digest
    assert f'src="/images/{digest}"' in text.stem_html
    assert list(text.figures) == [text.why.rpartition("figure:")[2].rstrip(")")]


def test_a_drawing_that_is_no_longer_shown_stays_with_the_draft_alone(draft: Draft) -> None:
    draft = add(draft, SVG.encode(), file="loss.svg", field="texts.en.why")
    english = {**draft.content["texts"]["en"], "why": "No drawing any more."}
    acts.publish(draft, {"texts": {**draft.content["texts"], "en": english}})
    assert ItemText.objects.filter(version__item__code="E1-Q01", language="en").latest("pk").figures == {}
    assert len(Draft.objects.get(pk=draft.pk).content["texts"]["en"]["figures"]) == 1


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("format_name", ["yaml", "moodle", "qti"])
def test_an_item_goes_out_with_its_image_and_comes_back_the_same(
    form: Form, draft: Draft, format_name: str, kind: str
) -> None:
    published(draft, kind)
    (item,) = whole_items(current_versions(form.form.certification.code).filter(item__code="E1-Q01")).values()
    items = [item]
    written = registry.write(format_name, items, pictures(items))
    assert "figure" not in [loss.code for loss in written.losses]
    parsed = imports.own_names(registry.read(format_name, written.data, "file"))
    assert [picture.name for picture in parsed.pictures] == [ItemImage.objects.get().name]
    before, after = (
        [text for text in item_texts(one) if "image-" in text] for one in (items[0], parsed.items[0])
    )
    assert before == after != []
    run(imports.TAKE, upload(form, written.data, format_name))
    assert ItemImage.objects.count() == 1


@pytest.mark.parametrize(("most", "losses"), [(exports.MOST_IMAGES, []), (10, ["figure"])])
def test_an_export_holds_images_as_far_as_there_is_room_and_tells_the_rest(
    form: Form, draft: Draft, monkeypatch: pytest.MonkeyPatch, most: int, losses: list[str]
) -> None:
    monkeypatch.setattr(exports, "MOST_IMAGES", most)
    published(draft)
    item, owner = Item.objects.get(code="E1-Q01"), acts.staff("authors")
    job = exports.of_items(format_name="moodle", item_ids=[item.pk], owner=owner)
    done = exports.run(JobContext(job.pk, owner.pk, job.parameters, Progress()))
    kept = ItemImage.objects.get()
    said = f"The figure {kept.name} is only named. Its drawing is not in the file."
    told: Any = done.result["losses"]
    assert (["E1-Q01", said] in told) is bool(losses)
    assert done.file is not None
    assert (b64encode(bytes(kept.content)) in done.file.content) is not bool(losses)


def moodle(data: bytes, file: str) -> bytes:
    """Return a question of Moodle with an image, in a file of which nothing is ours."""
    held = b64encode(data).decode()
    answers = "".join(
        f'<answer fraction="{weight}" format="html"><text>{text}</text><feedback><text>Why.</text></feedback>'
        "</answer>"
        for text, weight in (("One", 100), ("Two", 0))
    )
    return (
        '<quiz><question type="multichoice"><name><text>Picture</text></name>'
        '<questiontext format="html"><text><![CDATA[<p>Which field is red?</p>'
        f'<p><img src="@@PLUGINFILE@@/{file}" alt="Two fields"></p>]]></text>'
        f'<file name="{file}" path="/" encoding="base64">{held}</file></questiontext>'
        f"<idnumber>m-1</idnumber><single>true</single>{answers}</question></quiz>"
    ).encode()


def test_an_import_brings_images_in_by_its_job(form: Form) -> None:
    data = moodle(image("JPEG", (40, 30)), "fields.jpg")
    assert fates(run(imports.CHECK, upload(form, data, "moodle"))) == {"new": 1}
    assert not ItemImage.objects.exists()
    assert fates(run(imports.TAKE, upload(form, data, "moodle"))) == {"new": 1}
    kept = ItemImage.objects.get()
    assert f"![Two fields](figure:{kept.name})" in Draft.objects.get().content["texts"]["en"]["stem"]
    assert fates(run(imports.TAKE, upload(form, data, "moodle"))) == {"same": 1}
    assert ItemImage.objects.count() == 1


def test_an_image_of_another_bank_is_called_by_what_is_stored_of_it(form: Form) -> None:
    """Its name was made there of bytes that lose a little when they are written anew here."""
    noisy, out = Image.effect_noise((64, 48), 80).convert("RGB"), BytesIO()
    noisy.save(out, "JPEG", quality=60)
    theirs = name_of(out.getvalue())
    data = moodle(out.getvalue(), f"{theirs}.jpg")
    run(imports.TAKE, upload(form, data, "moodle"))
    kept = ItemImage.objects.get()
    assert kept.name != theirs
    assert f"(figure:{kept.name})" in Draft.objects.get().content["texts"]["en"]["stem"]


def test_a_drawing_of_an_import_is_told_as_a_loss_and_not_stored(form: Form) -> None:
    report = run(imports.TAKE, upload(form, moodle(SVG.encode(), "fields.svg"), "moodle"))
    assert "The image fields.svg is an SVG drawing. Drawings are not imported." in str(report["losses"])
    assert not ItemImage.objects.exists()
    assert "figure:" not in Draft.objects.get().content["texts"]["en"]["stem"]
