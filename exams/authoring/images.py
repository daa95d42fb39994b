"""Images that an author adds to a drafted question: pixels written anew, drawings read strictly.

Pixels are kept by their content and called by it; a drawing goes into the draft, beside the text that shows
it.
Only one image is unpacked at a time in a process, so that many at once cannot fill its memory.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from threading import Lock
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused, Text
from accounts.users.models import User
from exams.authoring import item_content, rights, services
from exams.authoring.models import Draft
from exams.bank import services as bank
from exams.bank.drafts import CannotPublish
from exams.content.exchange_formats import drawings
from exams.content.exchange_formats.html_parts import bracketed
from exams.content.exchange_formats.pictures import PictureRefused, is_drawing, read_picture
from exams.content.exchange_formats.shape import Picture
from exams.content.formats.figure_svg import read_figure
from exams.content.question import split_question
from exams.content.records import FormatError
from i18n import languages

FILE: Final = "image.file"
TOLD: Final = "image.told"
FIELD: Final = "image.field"
PLACES: Final = re.compile(
    r"texts\.(?P<language>[a-z-]{2,12})\."
    r"(?:(?P<name>stem|why|principle|tip)|options\.(?P<option>[0-5])\.(?P<part>text|why))"
)
TOLD_MOST: Final = 500
STEM_MOST: Final = 40
NOT_OF_A_NAME: Final = re.compile(r"[^a-z0-9]+")
SENTENCES: Final[Mapping[str, Text]] = {
    "image_kind": _("This file isn't a PNG, JPEG or WebP image or an SVG drawing."),
    "image_broken": _("This image is damaged. Save it again, then try once more."),
    "image_large": _("Images can have at most %(megabytes)s MB and %(megapixels)s megapixels."),
}
_unpacking: Final = Lock()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file with what it shows in words, for the text at the path `field`.

    It goes below the paragraph that holds the character number `at`; without one it goes to the end.
    """

    data: bytes
    file: str
    description: str
    field: str
    at: int | None = None


def add(*, draft_id: int, revision: int, content: Mapping[str, Any], upload: Upload, actor: User) -> Draft:
    """Save content with an image in one of its texts. What is refused leaves nothing behind.

    Raises Refused as `services.save`, and at a field of the upload: unknown_field, no_file, no_words and
    bad_image.
    """
    rights.need(actor, rights.WRITE, rights.TRANSLATE)
    place = PLACES.fullmatch(upload.field)
    if place is None or place["language"] not in languages.CODES:
        raise _nowhere()
    text = content["texts"].get(place["language"]) or item_content.no_text(len(content["options"]))
    if place["name"] == "stem":
        text = _with_question_apart(text)
    if place["option"] and int(place["option"]) >= len(text["options"]):
        raise _nowhere()
    image = _read(upload)
    description = bracketed(upload.description)[:TOLD_MOST]
    if isinstance(image, Picture):
        if not description:
            raise Refused("no_words", 422, _("Describe the image for people who can't see it."), field=TOLD)
        name, figures = image.name, text["figures"]
    else:
        name, svg = image
        figures = [
            *(figure for figure in text["figures"] if figure["name"] != name),
            {"name": name, "svg": svg},
        ]
    with_image = _with(text, place, f"![{description}](figure:{name})", upload.at) | {"figures": figures}
    with transaction.atomic():
        if isinstance(image, Picture):
            try:
                bank.store_images([image])
            except CannotPublish as error:
                raise Refused("bad_image", 422, SENTENCES["image_broken"], field=FILE) from error
        wanted = {**content, "texts": {**content["texts"], place["language"]: with_image}}
        return services.save(draft_id=draft_id, revision=revision, content=wanted, actor=actor)


def _nowhere() -> Refused:
    return Refused("unknown_field", 422, _("Choose where to add the image."), field=FIELD)


def _read(upload: Upload) -> Picture | tuple[str, str]:
    """Return an image, or the name and the SVG of a drawing. Raises Refused: no_file, bad_image."""
    if not upload.data:
        raise Refused("no_file", 422, _("Choose a file that isn't empty."), field=FILE)
    if is_drawing(upload.data):
        return _drawing(upload)
    try:
        with _unpacking:
            return read_picture(upload.data)
    except PictureRefused as error:
        sentence = SENTENCES.get(error.code, SENTENCES["image_broken"])
        raise Refused("bad_image", 422, sentence, values=error.values, field=FILE) from error


def _drawing(upload: Upload) -> tuple[str, str]:
    try:
        svg = read_figure(drawings.bare(upload.data), "drawing.svg").svg
    except FormatError as error:
        problem = error.problems[0]
        raise Refused(
            "bad_image",
            422,
            _("This drawing contains something that pages can't show. Line %(line)s: %(said)s."),
            values={"line": problem.place.line, "said": problem.message},
            field=FILE,
        ) from error
    stem = NOT_OF_A_NAME.sub("-", PurePosixPath(upload.file.lower()).stem)[:STEM_MOST].strip("-")
    # Two questions may each have a diagram.svg: what differs must be called otherwise when both are files.
    return f"{stem or 'drawing'}-{sha256(svg.encode()).hexdigest()[:8]}", svg


def _with_question_apart(text: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return texts whose question has its own field: in the stem it is the last sentence, never a figure."""
    if text["ask"].strip() or not text["stem"].strip():
        return text
    parts = split_question(text["stem"])
    return {**text, "stem": parts.setting, "ask": f"{parts.ask} {parts.note}".strip()}


def _with(text: Mapping[str, Any], place: re.Match[str], figure: str, at: int | None) -> dict[str, Any]:
    if place["name"]:
        return {**text, place["name"]: inserted(text[place["name"]], figure, at)}
    options = [dict(option) for option in text["options"]]
    option = options[int(place["option"])]
    option[place["part"]] = inserted(option[place["part"]], figure, at)
    return {**text, "options": options}


def inserted(text: str, figure: str, at: int | None) -> str:
    """Return a text with a figure in a paragraph of its own, below the one that holds a place of the text."""
    lines = text.replace("\r\n", "\n")
    end = -1 if at is None else lines.find("\n\n", at)
    before, after = (lines, "") if end < 0 else (lines[:end], lines[end:])
    return "\n\n".join(part for part in (before.strip("\n"), figure, after.strip("\n")) if part.strip())
