"""Markdown to HTML, once, at publication: raw HTML off, then cleaned by an allow-list.

Pages show the result as it is stored, marked safe. Two walls stand before that: the parser escapes raw HTML,
so an author can write `<script>` in an option and a candidate reads it; the cleaner then lets through only
what is listed here, so a fault of the parser or a plugin of tomorrow cannot bring in a tag, an event
handler or a `javascript:` address.
"""

import nh3
from markdown_it import MarkdownIt

# What the styles of a question know. No img, no span and no class: an item looks like every other.
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

# commonmark alone: no typographic quotes, no links made of bare text; both would change code and figures.
_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


def _clean(html: str) -> str:
    # A foreign page learns neither the address of the exam page nor a handle on its window.
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer"
    ).strip()


def render(text: str) -> str:
    """Return cleaned HTML of a block of Markdown: paragraphs, lists, tables, code."""
    return _clean(_parser.render(text))


def render_inline(text: str) -> str:
    """Return cleaned HTML of a line of Markdown, without a paragraph around it."""
    return _clean(_parser.renderInline(text.strip()))
