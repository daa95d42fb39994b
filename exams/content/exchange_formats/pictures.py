"""Raster images: read as what they are, and written anew without anything that is not pixels."""

from hashlib import sha256
from io import BytesIO
from pathlib import PurePosixPath
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.shape import Picture, Value
from exams.content.records import FormatError, Place, Problem

FORMATS: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
SUFFIXES: Final = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}
NAME: Final = "image-"
DIGITS: Final = 16
QUALITY: Final = 90
LOSSLESS: Final = b"VP8L"
LOOK: Final = 64
EDGE: Final = 2_000
"""Longer sides are scaled down: twice the pixels of the widest column that shows an image."""
TELLING: Final = frozenset(
    {"exif", "icc_profile", "comment", "xmp", "XML:com.adobe.xmp", "photoshop", "parsed_exif"}
)
"""What an image may hold beside its pixels."""


class PictureRefused(Exception):
    """An image that is left out: the code of the loss, and what it names beside the image."""

    def __init__(self, code: str, **values: Value) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def read_picture(data: bytes, called: str = "") -> Picture:
    """Return an image, upright, without metadata. Raises PictureRefused.

    Its name is made of its content. One that is already `called` by its content is ours and keeps its name,
    so that an image that loses a little each time it is written comes back as the same.
    """
    if is_drawing(data):
        raise PictureRefused("image_svg")
    if len(data) > limits.IMAGE_SIZE:
        raise too_large()
    most = limits.IMAGE_PIXELS
    try:
        with Image.open(BytesIO(data), formats=tuple(FORMATS)) as image:
            # The size is in the head of the file: a flood of pixels is refused before any is unpacked.
            kind = _kind(image)
            most = limits.WEBP_PIXELS if kind == "WEBP" else most
            if image.width * image.height > most:
                raise too_large(most)
            ImageOps.exif_transpose(image, in_place=True)
            written, size = _written(image, kind, is_lossless=LOSSLESS in data[:LOOK])
    except UnidentifiedImageError:
        raise PictureRefused("image_kind") from None
    except Image.DecompressionBombError:
        raise too_large() from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError, MemoryError):
        raise PictureRefused("image_broken") from None
    if len(written) > limits.IMAGE_SIZE:
        raise too_large()
    # What we wrote ourselves keeps its name, though writing a JPEG anew changes its bytes.
    name = called if called == name_of(data) else name_of(written)
    return Picture(name, FORMATS[kind], written, *size)


def read_own(data: bytes, file: str) -> Picture:
    """Return an image that the bank has written, as it is: `file` has the name and the end that it must have.

    Written anew it would lose a little each time. Raises FormatError.
    """
    path = PurePosixPath(file)
    try:
        read_picture(data)
        with Image.open(BytesIO(data), formats=tuple(FORMATS)) as image:
            media_type, size = FORMATS[_kind(image)], image.size
            is_bare = not TELLING.intersection(image.info) and getattr(image, "n_frames", 1) == 1
    except PictureRefused as error:
        raise _problem(file, f"the image cannot be taken ({error.code})") from error
    if not is_bare or max(size) > EDGE:
        raise _problem(
            file, f"the image holds more than pixels, or a side of it is longer than {EDGE:,} pixels"
        )
    wanted = name_of(data) + SUFFIXES[media_type]
    if path.name != wanted:
        raise _problem(file, f"the image has to be called {wanted}: names are made of the content")
    return Picture(path.stem, media_type, data, *size)


def _problem(file: str, message: str) -> FormatError:
    return FormatError((Problem(Place(file, 0), "", message),))


def name_of(data: bytes) -> str:
    """Return what an image is called."""
    return NAME + sha256(data).hexdigest()[:DIGITS]


def is_drawing(data: bytes) -> bool:
    """Tell whether bytes are an SVG drawing, by what they begin with."""
    return b"<svg" in data[:2_000].lower()


def _written(image: Image.Image, kind: str, *, is_lossless: bool) -> tuple[bytes, tuple[int, int]]:
    """Return the pixels alone, and how many there are. Of an animation the first picture is kept."""
    mode, out = _mode(image, kind), BytesIO()
    clean = image if image.mode == mode else image.convert(mode)
    # Comments, profiles, positions and times are kept there, and written by some of the writers.
    clean.info = {}
    if max(clean.size) > EDGE:
        clean.thumbnail((EDGE, EDGE))
    if kind == "WEBP":
        clean.save(out, kind, lossless=is_lossless, exact=is_lossless, quality=QUALITY, method=2)
    else:
        clean.save(out, kind, quality=QUALITY)
    return out.getvalue(), clean.size


def _kind(image: Image.Image) -> str:
    """Return the format of an image. Phones put several pictures into one file, and call it JPEG."""
    return "JPEG" if image.format == "MPO" else image.format or ""


def _mode(image: Image.Image, kind: str) -> str:
    if kind == "JPEG":
        return "L" if image.mode == "L" else "RGB"
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image.mode if kind == "PNG" else "RGB"
    return "RGBA"


def too_large(pixels: int = limits.IMAGE_PIXELS) -> PictureRefused:
    """Return the refusal of an image for its size."""
    megabytes = limits.IMAGE_SIZE // limits.MEGABYTE
    return PictureRefused("image_large", megabytes=megabytes, megapixels=pixels // limits.MEGABYTE)
