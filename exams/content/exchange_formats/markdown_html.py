"""Markdown of items as HTML for other systems, which is well-formed XML too.

Raw HTML is text, as on our own pages; links lead where the parser lets them. What can be chosen is chosen so
that `html_markdown` finds the same Markdown again.
"""

from collections.abc import Callable, MutableMapping, Sequence
from functools import cache
from html import escape
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from exams.content.markdown import has_blocks, make_parser

FIGURE: Final = "figure:"

type Address = Callable[[str], str]


@cache
def _parser() -> MarkdownIt:
    parser = make_parser()
    parser.add_render_rule("figure", _figure)
    parser.add_render_rule("fence", _fence)
    return parser


def _figure(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: object, env: MutableMapping[str, Any]
) -> str:
    address = env["address"](tokens[at].content)
    caption = tokens[at].meta["caption"]
    return f'<p><img src="{escape(address)}" alt="{escape(caption)}" /></p>\n'


def _fence(renderer: RendererHTML, tokens: Sequence[Token], at: int, *_: object) -> str:
    language = escape(tokens[at].info.strip())
    mark = f' class="language-{language}"' if language else ""
    return f"<pre><code{mark}>{escape(tokens[at].content, quote=False)}</code></pre>\n"


def _named(name: str) -> str:
    return FIGURE + name


def block_html(text: str, address: Address = _named) -> str:
    """Return a text of paragraphs, lists, tables, code and figures; `address` says where a figure is."""
    return str(_parser().render(text, {"address": address})).strip()


def line_html(text: str) -> str:
    """Return a text that is one line."""
    return str(_parser().renderInline(text)).strip()


def option_html(text: str, address: Address = _named) -> str:
    """Return the text of an option: a line where it is one, as on our own pages."""
    return block_html(text, address) if has_blocks(text) else line_html(text)
