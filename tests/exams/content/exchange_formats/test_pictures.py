"""Images of imports: what is taken, what is left of it, and that it comes back under its name."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.pictures import SUFFIXES, PictureRefused, name_of, read_own, read_picture
from exams.content.exchange_formats.registry import read, write
from exams.content.records import FormatError
from tests.exams.content.exchange_formats.builders import image, plain, whole


def noted(words: str) -> PngInfo:
    """Return words to be written into a PNG."""
    info = PngInfo()
    info.add_text("Comment", words)
    return info


@pytest.mark.parametrize(
    ("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_an_image_is_written_anew(kind: str, media_type: str) -> None:
    picture = read_picture(image(kind, (40, 30)))
    assert (picture.media_type, picture.width, picture.height) == (media_type, 40, 30)
    with Image.open(BytesIO(picture.data)) as found:
        assert (found.format, found.size) == (kind, (40, 30))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_where_and_when_an_image_was_taken_is_not_kept(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    exif[0x0112] = 6  # lies on its side
    data = image(kind, (40, 30), exif=exif)
    assert b"Secret Camera" in data
    picture = read_picture(data)
    assert b"Secret Camera" not in picture.data
    assert (picture.width, picture.height) == (30, 40)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("PNG", {"icc_profile": b"Secret profile"}),
        ("PNG", {"pnginfo": noted("Secret words")}),
        ("JPEG", {"icc_profile": b"Secret profile"}),
        ("JPEG", {"comment": b"Secret words"}),
        ("JPEG", {"xmp": b"<x>Secret words</x>"}),
        ("WEBP", {"icc_profile": b"Secret profile"}),
        ("WEBP", {"xmp": b"<x>Secret words</x>"}),
    ],
)
def test_words_and_profiles_in_an_image_are_not_kept(kind: str, more: dict[str, Any]) -> None:
    data = image(kind, (40, 30), **more)
    with Image.open(BytesIO(data)) as found:
        assert "Secret" in str(found.info)
    with Image.open(BytesIO(read_picture(data).data)) as kept:
        assert "Secret" not in str(kept.info)


def test_what_hides_behind_an_image_is_not_kept() -> None:
    data = image("PNG") + b"<script>alert(1)</script>"
    assert b"script" not in read_picture(data).data


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_image_that_was_written_anew_keeps_its_name(kind: str) -> None:
    noisy = Image.effect_noise((64, 48), 80).convert("RGB")
    out = BytesIO()
    noisy.save(out, kind, **({"lossless": True} if kind == "WEBP" else {}))
    once = read_picture(out.getvalue())
    again = read_picture(once.data, once.name)
    assert again.name == once.name
    assert again == once or kind == "JPEG"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image_svg"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><SVG/>", "image_svg"),
        (image("GIF"), "image_kind"),
        (image("BMP"), "image_kind"),
        (image("TIFF"), "image_kind"),
        (b"", "image_kind"),
        (b"%PDF-1.7", "image_kind"),
        (image("PNG")[:40], "image_kind"),
        (image("JPEG")[:200], "image_broken"),
        (bytes(limits.IMAGE_SIZE + 1), "image_large"),
    ],
)
def test_what_is_no_good_image_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(PictureRefused) as found:
        read_picture(data)
    assert found.value.code == code


@pytest.mark.parametrize(("kind", "size"), [("PNG", (5_000, 4_001)), ("WEBP", (4_000, 3_001))])
def test_a_flood_of_pixels_is_refused_before_it_is_unpacked(kind: str, size: tuple[int, int]) -> None:
    out = BytesIO()
    Image.new("L" if kind == "PNG" else "RGB", size).save(out, kind)
    assert len(out.getvalue()) < 100_000
    with pytest.raises(PictureRefused) as found:
        read_picture(out.getvalue())
    assert found.value.code == "image_large"


def test_a_photo_of_several_pictures_is_taken_as_the_first_of_them() -> None:
    """Phones write such files and call them JPEG."""
    out = BytesIO()
    first, second = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (40, 30), "blue")
    first.save(out, "MPO", save_all=True, append_images=[second])
    picture = read_picture(out.getvalue())
    assert (picture.media_type, picture.width, picture.height) == ("image/jpeg", 40, 30)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_picture_is_kept(kind: str) -> None:
    out = BytesIO()
    frames = [Image.new("RGB", (40, 30), color) for color in ("red", "blue")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    with Image.open(BytesIO(read_picture(out.getvalue()).data)) as found:
        assert getattr(found, "n_frames", 1) == 1


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_longer_sides_than_pages_show_are_scaled_down(kind: str) -> None:
    picture = read_picture(image(kind, (4_000, 1_000)))
    assert (picture.width, picture.height) == (2_000, 500)
    with Image.open(BytesIO(picture.data)) as found:
        assert found.size == (2_000, 500)


def test_an_image_is_called_what_it_is_and_not_what_its_name_says() -> None:
    assert read_picture(image("JPEG"), "photo.png").media_type == "image/jpeg"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_file_of_the_bank_is_taken_as_it_is(kind: str) -> None:
    noisy = Image.effect_noise((64, 48), 80).convert("RGB")
    out = BytesIO()
    noisy.save(out, kind)
    picture = read_picture(out.getvalue())
    assert read_own(picture.data, f"figures/{picture.name}{SUFFIXES[picture.media_type]}") == picture


def _with_position() -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x8825] = {1: "N", 2: (47.0, 29.0, 0.0)}
    return image("JPEG", exif=exif)


@pytest.mark.parametrize(
    ("data", "end", "said"),
    [
        (image("PNG"), ".jpg", "the image has to be called image-"),
        (_with_position(), ".jpg", "the image holds more than pixels"),
        (image("PNG", (2_001, 1)), ".png", "a side of it is longer than 2,000 pixels"),
        (b"", ".png", "the image cannot be taken (image_kind)"),
        (b"<svg/>", ".png", "the image cannot be taken (image_svg)"),
    ],
)
def test_another_file_beside_the_exams_is_refused(data: bytes, end: str, said: str) -> None:
    with pytest.raises(FormatError) as found:
        read_own(data, f"figures/{name_of(data)}{end}")
    assert said in str(found.value.problems[0])


@pytest.mark.parametrize("name", ["yaml", "moodle", "qti"])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_images_go_along_with_their_items(name: str, kind: str) -> None:
    picture = read_picture(image(kind, (9, 7)))
    text = f"See this:\n\n![A red field](figure:{picture.name})"
    item = plain(whole())
    item = replace(item, record=replace(item.record, stem=text))
    written = write(name, [item], [picture, read_picture(image("PNG", (1, 1)))])
    parsed = read(name, written.data, "file")
    assert (parsed.problems, written.losses, parsed.losses) == ((), (), ())
    assert parsed.items == (item,)
    assert [picture.name for picture in parsed.pictures] == [picture.name]
    assert parsed.pictures == (picture,) or kind != "PNG"


@pytest.mark.parametrize("name", ["csv", "xlsx", "gift"])
def test_a_format_without_files_says_that_it_only_names_an_image(name: str) -> None:
    item = plain(whole())
    item = replace(item, record=replace(item.record, stem="![A](figure:image-0123456789abcdef)\n\nSee?"))
    written = write(name, [item])
    assert [(loss.code, dict(loss.values)) for loss in written.losses if loss.item] == [
        ("figure", {"name": "image-0123456789abcdef"})
    ]
    assert read(name, written.data, "file").items == (item,)


def test_an_image_of_our_own_format_must_be_what_its_name_says() -> None:
    picture = read_picture(image())
    item = plain(whole())
    item = replace(item, record=replace(item.record, stem=f"![A](figure:{picture.name})\n\nSee?"))
    other = read_picture(image("PNG", (2, 2)))
    data = write("yaml", [item], [replace(other, name=picture.name)]).data
    (problem,) = read("yaml", data, "bank.yaml").problems
    assert (
        problem.message
        == f"The image {picture.name} is not what its name says: names are made of the content."
    )
