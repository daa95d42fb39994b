"""Texts of other systems as Markdown: HTML, plain words or Markdown, with the images that they show."""

import re
from base64 import b64decode
from binascii import Error as DamagedBase64
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

from markdown_it import MarkdownIt

from exams.content import markdown
from exams.content.exchange_formats import html_tree, limits
from exams.content.exchange_formats.html_markdown import (
    line_markdown,
    markdown_parts,
    plain_markdown,
    to_markdown,
)
from exams.content.exchange_formats.html_parts import make
from exams.content.exchange_formats.pictures import PictureRefused, is_drawing, read_picture, too_large
from exams.content.exchange_formats.shape import Context, Value
from exams.content.exchange_formats.xml_tree import Element, Node

SETTINGS: Final = frozenset({"style"})
"""Losses that most texts of a file may have: they are noted once for the file."""
REMOTE: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
OWN_FIGURE: Final = re.compile(r"(?:.*/)?figures/([a-z0-9]+(?:-[a-z0-9]+)*)\.svg")
PLUGIN_FILE: Final = "@@PLUGINFILE@@/"
HTML_BLOCK: Final = re.compile(r"<(?:p|div|br|ul|ol|pre|table|h[1-6]|blockquote)\b", re.IGNORECASE)
HTML: Final = re.compile(r"</?[a-z][^<>]*>|&#?\w+;", re.IGNORECASE)

type Find = Callable[[str], bytes | None]


def no_files(name: str) -> bytes | None:
    """Find nothing: the format has no files."""
    return None


class Texts:
    """Reads the texts of one question. `find` knows the files that its images may be."""

    def __init__(self, context: Context, line: int, item: str, find: Find = no_files) -> None:
        self.context = context
        self.line = line
        self.item = item
        self.language = context.language
        self._find = find
        self._noted: set[str] = set()

    def lose(self, code: str, **values: Value) -> None:
        """Note a loss of this question."""
        if code not in SETTINGS:
            self.context.lose(self.line, self.item, code, **values)
        elif code not in self._noted:
            self._noted.add(code)
            self.context.lose_setting(self.line, code)

    def tree(self, html: str) -> Element:
        """Return a text of HTML as a tree; one that is much too long is a fault and has nothing in it."""
        self.context.deadline.check()
        if self._is_too_long(html, limits.TEXT):
            return Element("")
        return html_tree.parse(html, self.context.file, self.line)

    def _is_too_long(self, text: str, most: int) -> bool:
        if len(text) > most:
            self.context.complain(self.line, self.item, "too_long", field="HTML", most=most)
        return len(text) > most

    def block(self, nodes: Iterable[Node]) -> str:
        """Return a text of paragraphs and more."""
        self.context.deadline.check()
        return to_markdown(nodes, self)

    def line_of(self, nodes: Iterable[Node]) -> str:
        """Return the text of an option: a line, unless it shows a table, code or a figure."""
        self.context.deadline.check()
        return line_markdown(nodes, self)

    def html(self, text: str) -> str:
        """Return a text of HTML."""
        return self.block(self.tree(text).children)

    def nodes_of(self, text: str, kind: str) -> list[Node]:
        """Return a text of one of Moodle's kinds (html, moodle, plain, markdown) as HTML."""
        if kind == "markdown":
            if self._is_too_long(text, limits.MARKDOWN):
                return []
            return self.tree(_html_of(text)).children
        if kind == "plain":
            return [node for line in text.split("\n") for node in (make("br"), line)][1:]
        if kind == "moodle" and not HTML_BLOCK.search(text):
            lines = text.split("\n")
            return [node for line in lines for node in (make("br"), *self.tree(line).children)][1:]
        return self.tree(text).children

    def of_kind(self, text: str, kind: str, *, is_line: bool = False) -> str:
        """Return a text of one of Moodle's kinds; Markdown stays as it is where our pages show the same."""
        self.context.deadline.check()
        if not text.strip():
            return ""
        if kind == "plain" or (kind == "moodle" and not HTML.search(text)):
            return plain_markdown(text) if len(text) <= limits.TEXT else self.html(text)
        before = len(self.context.losses)
        nodes = self.nodes_of(text, kind)
        converted = self.line_of(nodes) if is_line else self.block(nodes)
        # What was too long to be looked at is not looked at here either.
        is_kept = kind == "markdown" and len(text) <= limits.MARKDOWN and before == len(self.context.losses)
        return text.strip() if is_kept and _is_ours(text, converted) else converted

    def image(self, address: str, alt: str) -> str:
        """Return how the bank calls an image, or an empty text where it is left out, which is noted."""
        if markdown.FIGURE.fullmatch(address):
            return address
        shown = address.removeprefix(PLUGIN_FILE)
        if address.lower().startswith("data:"):
            return self.picture("data:", _data_of(address))
        if REMOTE.match(address):
            self.lose("image_remote", address=address)
            return ""
        name = unquote(shown.split("?")[0].split("#")[0])
        if own := OWN_FIGURE.fullmatch(name):
            self._find(name)  # so that its file is not noted as one that nothing shows
            return f"figure:{own[1]}"
        data = self._find(name)
        if data is None:
            self.lose("image_missing", name=name)
            return ""
        return self.picture(name, data)

    def picture(self, name: str, data: bytes | None) -> str:
        """Return how the bank calls a picture of the file, or an empty text where it is left out."""
        if data is None:
            self.lose("image_broken", name=name)
            return ""
        if is_drawing(data):
            self.lose("image_svg", name=name)
            return ""
        called = PurePosixPath(name).stem
        # The name is part of the key: an image that is called by its content keeps its name.
        key = f"{called} {sha256(data).hexdigest()}"
        known = self.context.known_images
        if key not in known:
            known[key] = self._read(data, called)
        picture = known[key]
        if isinstance(picture, PictureRefused):
            self.lose(picture.code, name=name, **picture.values)
            return ""
        return str(picture)

    def _read(self, data: bytes, called: str) -> str | Exception:
        self.context.deadline.check()
        try:
            picture = read_picture(data, called)
        except PictureRefused as error:
            return error
        kept = self.context.pictures
        if sum(len(picture.data) for picture in kept.values()) > limits.PICTURES:
            return too_large()
        kept[picture.name] = picture
        return f"figure:{picture.name}"


def from_base64(text: str) -> bytes | None:
    """Return what Base64 holds, white space aside; None where it is damaged."""
    try:
        return b64decode("".join(text.split()), validate=True)
    except (DamagedBase64, ValueError):
        return None


def _data_of(address: str) -> bytes | None:
    head, _, rest = address.partition(",")
    return from_base64(unquote(rest)) if head.endswith(";base64") else unquote_to_bytes(rest)


def _html_of(text: str) -> str:
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def _is_ours(text: str, name: str) -> bool:
    """Tell whether Markdown of another system needs no change: it shows the same, and breaks no rule."""
    same = markdown_parts(text) == markdown_parts(name)
    return same and not any(markdown.faults(text))
