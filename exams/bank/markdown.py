"""Markdown to HTML, once, at publication: raw HTML off, then cleaned by an allow-list."""

import re

import nh3
from markdown_it import MarkdownIt

TAGS = {
    "p",
    "code",
    "pre",
    "em",
    "strong",
    "ul",
    "ol",
    "li",
    "a",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "br",
    "sup",
    "sub",
}
ATTRIBUTES = {"a": {"href"}}
SCHEMES = {"http", "https", "mailto"}
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"'(`]?[A-ZÁÉÍÓÖŐÚÜŰ0-9`])")
CHOOSE_NOTE = re.compile(r"\s*\([^()]*\)\s*$")

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


def _clean(html: str) -> str:
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer"
    ).strip()


def render(text: str) -> str:
    """Return cleaned HTML of a block of Markdown: paragraphs, lists, tables, code."""
    return _clean(_parser.render(text))


def render_inline(text: str) -> str:
    """Return cleaned HTML of a line of Markdown, without a paragraph around it."""
    return _clean(_parser.renderInline(text.strip()))


def split_question(stem: str) -> tuple[str, str]:
    """Split a stem into the setting and its last sentence, the question, with a note like (Select TWO.).

    The question of a one-sentence stem is the whole stem; the setting is then empty.
    """
    text = stem.strip()
    note = CHOOSE_NOTE.search(text)
    body, tail = (text[: note.start()], text[note.start() :]) if note else (text, "")
    parts = SENTENCE_END.split(body)
    ask = parts[-1] + tail
    return text[: len(text) - len(ask)].rstrip(), ask
