"""Raster images: read as what they are, and written anew without anything that is not pixels."""

from hashlib import sha256
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.shape import Picture, Value

FORMATS: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
SUFFIXES: Final = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}
NAME: Final = "image-"
DIGITS: Final = 16
QUALITY: Final = 90
LOSSLESS: Final = b"VP8L"
LOOK: Final = 64


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
            kind = image.format or ""
            most = limits.WEBP_PIXELS if kind == "WEBP" else most
            if image.width * image.height > most:
                raise too_large(most)
            ImageOps.exif_transpose(image, in_place=True)
            written = _written(image, kind, is_lossless=LOSSLESS in data[:LOOK])
            width, height = image.size
    except UnidentifiedImageError:
        raise PictureRefused("image_kind") from None
    except Image.DecompressionBombError:
        raise too_large() from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError, MemoryError):
        raise PictureRefused("image_broken") from None
    if len(written) > limits.IMAGE_SIZE:
        raise too_large()
    name = called if called == name_of(data) else name_of(written)
    return Picture(name, FORMATS[kind], written, width, height)


def name_of(data: bytes) -> str:
    """Return what an image is called."""
    return NAME + sha256(data).hexdigest()[:DIGITS]


def is_drawing(data: bytes) -> bool:
    """Tell whether bytes are an SVG drawing, by what they begin with."""
    return b"<svg" in data[:2_000].lower()


def _written(image: Image.Image, kind: str, *, is_lossless: bool) -> bytes:
    """Return the pixels alone. Of an animation the first picture is kept."""
    mode, out = _mode(image, kind), BytesIO()
    clean = image if image.mode == mode else image.convert(mode)
    # Comments, profiles, positions and times are kept there, and written by some of the writers.
    clean.info = {}
    if kind == "WEBP":
        clean.save(out, kind, lossless=is_lossless, exact=is_lossless, quality=QUALITY, method=2)
    else:
        clean.save(out, kind, quality=QUALITY)
    return out.getvalue()


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
