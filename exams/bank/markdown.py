"""Markdown to HTML, once, at publication: raw HTML off, then cleaned by an allow-list.

Pages show the result as it is stored, marked safe. Two walls stand before that: the parser escapes raw HTML,
so an author can write `<script>` in an option and a candidate reads it; the cleaner then lets through only
what is listed here, so a fault of the parser or a plugin of tomorrow cannot bring in a tag, an event
handler or a `javascript:` address. Figures stand before a third: what is no shape, word or number of the
closed subset of `figure_svg` is refused, not cleaned.
"""

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, Final

import nh3
from django.utils.translation import gettext, gettext_lazy, override
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from exams.bank.drafts import CannotPublish
from exams.content.formats.figure_svg import CLASSES, ELEMENTS, read_figure
from exams.content.markdown import CODE_LABELS, NARROW, column_count, has_blocks, is_image, make_parser
from exams.content.records import FormatError

SHAPES: Final = {name: set(attributes) - {"xmlns", "class"} for name, attributes in ELEMENTS.items()}
# What the styles of a question know. No span: an item looks like every other.
TAGS: Final = {
    *("p", "code", "pre", "em", "strong", "ul", "ol", "li", "a", "br", "sup", "sub", "img"),
    *("table", "thead", "tbody", "tr", "th", "td", "div", "figure", "figcaption"),
    *SHAPES,
}
ATTRIBUTES: Final = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    **SHAPES,
    "svg": {*SHAPES["svg"], "aria-labelledby", "aria-describedby"},
    "title": {"id"},
    "desc": {"id"},
    "div": {"aria-label"},
    "pre": {"aria-label"},
}
VALUES: Final = {
    "svg": {"role": {"img"}},
    "th": {"scope": {"col", "row"}},
    "div": {"role": {"group"}, "tabindex": {"0"}},
    "pre": {"role": {"group"}, "tabindex": {"0"}},
}
SHAPE_CLASSES: Final = {name: set(CLASSES) for name, attributes in ELEMENTS.items() if "class" in attributes}
STYLES: Final = {
    **SHAPE_CLASSES,
    "svg": {"fig"},
    "th": {"num"},
    "td": {"num"},
    "div": {"wide"},
    "pre": {"wide"},
}
SCHEMES: Final = {"http", "https", "mailto"}
IMAGES: Final = "/images/"
"""Where images of the bank are sent from; it stands in every published text, so it stays."""
IMAGE_ADDRESS: Final = re.compile(rf"{IMAGES}[0-9a-f]{{64}}")
COLUMNS: Final = {"log", "text"}  # code that may stand in columns
GAP: Final = re.compile(r"\S {2,}\S")  # between two columns of a line
LINE: Final = 36  # characters of code that a small phone holds
WORD: Final = 12  # letters that fit a column of a narrow table on a small phone
NUMBER: Final = re.compile(r"[-+\u2212]?([$€]?)\.?\d[\d.,]* ?(%|ms|s|h|min|KB|MB|GB|TB|million|)")
NOT_OF_AN_ID: Final = re.compile(r"[^A-Za-z0-9]+")

type Env = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Raster:
    """An image of the bank: the SHA-256 by which it is asked for, and its size in pixels."""

    digest: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a text stands: the figures it may show, what its ids begin with, its language, its images.

    Ids of two texts on one page differ if their prefixes do. Where nothing `scrolls`, tables are broken
    anywhere: an option is one target, and nothing in it can be reached by itself.
    """

    figures: Mapping[str, str]
    prefix: str = "fig"
    language: str = "en"
    scrolls: bool = True
    images: Mapping[str, Raster] = field(default_factory=dict)

    def part(self, name: str, *, scrolls: bool = True) -> "Setting":
        """Return the setting of one text of an item."""
        return replace(self, prefix=f"{self.prefix}-{name}", scrolls=scrolls)


NOWHERE: Final = Setting({})


def _clean(html: str) -> str:
    # A foreign page learns neither the address of the exam page nor a handle on its window.
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        tag_attribute_values=VALUES,
        allowed_classes=STYLES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
        attribute_filter=_kept,
    ).strip()


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """Keep what is allowed; an image is one of the bank, and no page asks anybody else for any."""
    if tag == "img" and attribute == "src" and not IMAGE_ADDRESS.fullmatch(value):
        return None
    return value


def render(text: str, setting: Setting = NOWHERE) -> str:
    """Return cleaned HTML of a block of Markdown: paragraphs, lists, tables, code, figures.

    Raises CannotPublish where it shows a figure that is not there or not sound.
    """
    return _clean(_parser.render(text, {"setting": setting, "figures": 0}))


def render_inline(text: str) -> str:
    """Return cleaned HTML of a line of Markdown, without a paragraph around it."""
    return _clean(_parser.renderInline(text.strip()))


def render_option(text: str, setting: Setting = NOWHERE) -> str:
    """Return cleaned HTML of a text beside a letter: a line, unless it shows a table, code or a figure."""
    return render(text, setting) if has_blocks(text) else render_inline(text)


def _make_parser() -> MarkdownIt:
    parser = make_parser()
    parser.core.ruler.push("heads", lambda state: _name_heads(state.tokens))
    rules: dict[str, Callable[..., str]] = {
        "fence": _fence,
        "figure": _figure,
        "image": lambda *_: "",
        "table_open": _table_open,
        "table_close": _table_close,
    }
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)
    return parser


def _name_heads(tokens: Sequence[Token]) -> None:
    """Say of each heading of a table what it heads: its column or, in the first place of a row, its row.

    Which tables are wide is noted for the renderer. Columns of numbers are aligned as if the text said so.
    """
    place, is_wide, numbers = 0, False, frozenset[int]()
    for at, token in enumerate(tokens):
        if token.type == "table_open":
            is_wide = column_count(tokens[at:]) > NARROW or _longest_word(tokens[at:]) > WORD
            numbers = _number_columns(tokens[at:])
        if token.type in ("table_open", "table_close"):
            token.meta["wide"] = is_wide
        elif token.type == "tr_open":
            place = 0
        elif token.type in ("th_open", "td_open"):
            if place in numbers:
                token.attrs["style"] = "text-align:right"
            _name_head(token, tokens[at + 2], place, is_empty=not tokens[at + 1].content)
            place += 1


def _number_columns(table: Sequence[Token]) -> frozenset[int]:
    """Return the columns behind the first in which all cells are numbers of one unit."""
    units: dict[int, set[tuple[str, ...] | None]] = {}
    place = 0
    for at, token in enumerate(table):
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            place = 0
        elif token.type == "th_open":
            place += 1
        elif token.type == "td_open":
            number = NUMBER.fullmatch(table[at + 1].content)
            units.setdefault(place, set()).add(number.groups() if number else None)
            place += 1
    return frozenset(
        place for place, found in units.items() if place and len(found) == 1 and None not in found
    )


def _longest_word(table: Sequence[Token]) -> int:
    end = next(index for index, token in enumerate(table) if token.type == "table_close")
    cells = (token.content for token in table[:end] if token.type == "inline")
    return max((len(word) for cell in cells for word in cell.split()), default=0)


def _name_head(cell: Token, end: Token, place: int, *, is_empty: bool) -> None:
    scope = "col" if cell.type == "th_open" else "row" if place == 0 else ""
    if "right" in str(cell.attrs.pop("style", "")):
        cell.attrs["class"] = "num"
    if is_empty or not scope:
        cell.tag = end.tag = "td"  # an empty cell heads nothing
    else:
        cell.tag = end.tag = "th"
        cell.attrs["scope"] = scope


def _table_open(renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, env: Env) -> str:  # noqa: ANN401
    setting = _setting(env)
    if not (tokens[at].meta["wide"] and setting.scrolls):
        return "<table>\n"
    # Content is in its own language, whoever publishes it.
    with override(setting.language):
        return f"{_scrolling('div', gettext('Table'))}<table>\n"


def _table_close(renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, env: Env) -> str:  # noqa: ANN401
    return "</table></div>\n" if tokens[at].meta["wide"] and _setting(env).scrolls else "</table>\n"


def _scrolling(tag: str, name: str) -> str:
    """Return the opening tag of what scrolls sideways by itself, also by the keyboard."""
    return f'<{tag} class="wide" role="group" tabindex="0" aria-label="{escape(name)}">'


def _in_columns(fence: Token) -> bool:
    """Tell whether code stands in columns that a small phone does not hold."""
    lines = fence.content.splitlines()
    has_columns = fence.info.strip() in COLUMNS and sum(bool(GAP.search(line)) for line in lines) > 1
    return has_columns and max(map(len, lines)) > LINE


def _fence(renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, env: Env) -> str:  # noqa: ANN401
    label, opening = CODE_LABELS.get(tokens[at].info.strip(), ""), "<pre>"
    # A line of columns that goes on below has its values under no heading, so it scrolls as a table does.
    if _in_columns(tokens[at]) and (setting := _setting(env)).scrolls:
        with override(setting.language):
            opening = _scrolling("pre", label or gettext("Text in columns"))
    code = f"{opening}<code>{escape(tokens[at].content, quote=False)}</code></pre>"
    return f"<figure><figcaption>{label}</figcaption>{code}</figure>\n" if label else f"{code}\n"


def _figure(renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, env: Env) -> str:  # noqa: ANN401
    name, setting = tokens[at].content, _setting(env)
    env["figures"] += 1
    caption = tokens[at].meta["caption"]
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    if is_image(name):
        return f"<figure>{_image(name, caption, setting)}</figure>\n"
    drawing = _drawing(name, setting, f"{_id(setting.prefix)}-{env['figures']}")
    return f"<figure>{drawing}{below}</figure>\n"


def _image(name: str, description: str, setting: Setting) -> str:
    """Return an image with what it shows, in words. It is loaded with the page, since exams go on offline."""
    raster = setting.images.get(name)
    if raster is None:
        raise CannotPublish(gettext_lazy("The image %(name)s isn't there."), name=name)
    if not description.strip():
        raise CannotPublish(gettext_lazy("The image %(name)s has no description in its brackets."), name=name)
    source = f'src="{IMAGES}{raster.digest}"'
    return f'<img {source} alt="{escape(description)}" width="{raster.width}" height="{raster.height}">'


def _id(prefix: str) -> str:
    return NOT_OF_AN_ID.sub("-", prefix)


def _setting(env: Env) -> Setting:
    setting = env["setting"]
    assert isinstance(setting, Setting)  # noqa: S101 (for the type checker: render alone fills it)
    return setting


def _drawing(name: str, setting: Setting, number: str) -> str:
    """Return a figure with ids of its own for its title and its description."""
    svg = setting.figures.get(name)
    if svg is None:
        raise CannotPublish(gettext_lazy("The figure %(name)s isn't there."), name=name)
    try:
        sound = read_figure(svg.encode(), f"{name}.svg").svg
    except FormatError as error:
        raise CannotPublish(
            gettext_lazy("The figure %(name)s can't be shown: %(error)s"), name=name, error=error
        ) from error
    named = f'class="fig" role="img" aria-labelledby="{number}t" aria-describedby="{number}d"'
    return (
        sound.replace("<svg ", f"<svg {named} ", 1)
        .replace("<title>", f'<title id="{number}t">', 1)
        .replace("<desc>", f'<desc id="{number}d">', 1)
    )


_parser: Final = _make_parser()
