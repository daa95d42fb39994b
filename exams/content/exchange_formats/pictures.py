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
ROUNDS: Final = 6
LOSSLESS: Final = b"VP8L"
LOOK: Final = 64


class PictureRefused(Exception):
    """An image that is left out: the code of the loss, and what it names beside the image."""

    def __init__(self, code: str, **values: Value) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def read_picture(data: bytes) -> Picture:
    """Return an image, upright, without metadata. Raises PictureRefused."""
    if is_drawing(data):
        raise PictureRefused("image_svg")
    if len(data) > limits.IMAGE_SIZE:
        raise _too_large()
    try:
        with Image.open(BytesIO(data), formats=tuple(FORMATS)) as image:
            # The size is in the head of the file: a flood of pixels is refused before any is unpacked.
            if image.width * image.height > limits.IMAGE_PIXELS:
                raise _too_large()
            kind = image.format or ""
            ImageOps.exif_transpose(image, in_place=True)
            written = _written(image, kind, is_lossless=LOSSLESS in data[:LOOK])
            width, height = image.size
    except UnidentifiedImageError:
        raise PictureRefused("image_kind") from None
    except Image.DecompressionBombError:
        raise _too_large() from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError, MemoryError):
        raise PictureRefused("image_broken") from None
    if len(written) > limits.IMAGE_SIZE:
        raise _too_large()
    name = NAME + sha256(written).hexdigest()[:DIGITS]
    return Picture(name, FORMATS[kind], written, width, height)


def is_drawing(data: bytes) -> bool:
    """Tell whether bytes are an SVG drawing, by what they begin with."""
    return b"<svg" in data[:2_000].lower()


def _written(image: Image.Image, kind: str, *, is_lossless: bool) -> bytes:
    """Return the pixels alone. Of an animation the first picture is kept."""
    mode, out = _mode(image, kind), BytesIO()
    clean = image if image.mode == mode else image.convert(mode)
    # Comments, profiles, positions and times are kept there, and written by some of the writers.
    clean.info = {}
    if kind == "JPEG":
        return _settled(clean)
    if kind == "WEBP":
        clean.save(out, kind, lossless=is_lossless, exact=is_lossless, quality=QUALITY, method=2)
    else:
        clean.save(out, kind)
    return out.getvalue()


def _settled(image: Image.Image) -> bytes:
    """Return a JPEG that hardly ever changes when it is read and written again, so that it keeps its name."""
    written = b""
    for _ in range(ROUNDS):
        before, out = written, BytesIO()
        image.save(out, "JPEG", quality=QUALITY, subsampling=0)
        written = out.getvalue()
        if written == before:
            break
        image = Image.open(BytesIO(written), formats=("JPEG",))
        image.info = {}
    return written


def _mode(image: Image.Image, kind: str) -> str:
    if kind == "JPEG":
        return "L" if image.mode == "L" else "RGB"
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image.mode if kind == "PNG" else "RGB"
    return "RGBA"


def _too_large() -> PictureRefused:
    megabytes = limits.IMAGE_SIZE // limits.MEGABYTE
    return PictureRefused(
        "image_large", megabytes=megabytes, megapixels=limits.IMAGE_PIXELS // limits.MEGABYTE
    )
