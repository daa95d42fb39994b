"""Whole items for tests of formats: one that has everything, and any that an author could write."""

from dataclasses import replace
from io import BytesIO
from typing import Any, Final

from hypothesis import strategies as st
from PIL import Image

from exams.content.exchange_formats.building import item_faults
from exams.content.exchange_formats.shape import Loss
from exams.content.formats.figure_svg import read_figure
from exams.content.markdown import figure_names
from exams.content.records import (
    Explanation,
    FigureRecord,
    ItemRecord,
    ItemTextRecord,
    OptionRecord,
    OptionTextRecord,
    Reference,
    Traits,
    WholeItem,
)

SVG: Final = (
    b'<svg viewBox="0 0 40 20"><title>Two bars</title><desc>One bar is 4, the other 9.</desc>'
    b'<rect class="s1" x="1" y="2" width="4" height="9"/></svg>'
)
HOSTILE: Final = (
    "**bold**",
    "*slanted*",
    "`code`",
    "`a | b`",
    "``a ` b``",
    "[page](https://example.com/a?b=c&d=e#f)",
    "<https://example.com/>",
    "<script>alert(1)</script>",
    "<b>",
    "</p>",
    "&amp;",
    "&lt;",
    "&#38;",
    "&nbsp;",
    "~ = # { } : \\",
    "\\n",
    "\\=",
    "\\{x\\}",
    "->",
    "=",
    "#",
    "####",
    "::name::",
    "[html]",
    "[tag:x]",
    "// comment",
    "$CATEGORY: x",
    "%50%",
    "{T}",
    "]]>",
    "<![CDATA[",
    "<!-- -->",
    "<?xml?>",
    "=1+1",
    "+1",
    "-1",
    "@sum",
    "'=1",
    '"',
    "'",
    ";",
    ",",
    "a;b",
    "_x000D_",
    "_x005F_x0041_",
    "مرحبا",
    "שלום",
    "😀👩‍👩‍👧",
    "Ő ű",
    "\u00a0",
    "1. one",
    "- one",
    "> quoted",
    "# head",
    "a\n\nb",
    "a\nb",
    "a\\\nb",
    "- a\n- b\n  - c",
    "1. a\n2. b",
    "| a | b |\n| --- | --: |\n| 1 | x\\|y |",
    "```python\nif a < b:\n    print('**')\n```",
    "___",
    "snake_case_name",
    "2 * 3 * 4",
    "!",
    "|",
    "~~x~~",
    "{}",
    "null",
    "yes",
    "1.10",
    "007",
    "- [ ] x",
)


def figure(name: str = "two-bars") -> FigureRecord:
    """Return a drawing of ours."""
    return replace(read_figure(SVG, f"{name}.svg"))


def whole(**changes: Any) -> WholeItem:
    """Return an item that uses every field there is; `changes` are those of its record."""
    options = tuple(
        OptionRecord(
            letter, f"Option {letter}", letter == "B", None if letter == "B" else f"W{at}", f"Why {letter}"
        )
        for at, letter in enumerate("ABCD", start=1)
    )
    record = ItemRecord(
        id="E9-Q01",
        stem="A team reads the figure:\n\n![Two bars](figure:two-bars)\n\nThe `second` bar is **higher**.",
        ask="Which bar is higher?",
        options=options,
        explanation=Explanation("It is 9.", "Compare heights.", "Read the axis first."),
        references=(Reference("Bars & more", "https://example.com/bars?a=1&b=2"),),
        traits=Traits("1.2", "single", 1, "hard", ("bars", "axes"), "analyze"),
        figures=(figure(),),
    )
    record = replace(record, **changes)
    return WholeItem(record, "en", {"hu": translation(record)}, ("charts", "task:not ours"), "their-7")


def translation(record: ItemRecord) -> ItemTextRecord:
    """Return the texts of an item in another language."""
    return ItemTextRecord(
        id=record.id,
        stem=f"Magyarul: {record.stem}",
        options=tuple(OptionTextRecord(o.letter, f"hu {o.text}", f"hu {o.why}") for o in record.options),
        explanation=Explanation("hu why", "hu principle", ""),
        ask="Melyik?",
        figures=record.figures,
    )


def plain(item: WholeItem, **changes: Any) -> WholeItem:
    """Return an item without what formats of questions have no place for: no translation, no drawing."""
    record = replace(item.record, **{"stem": "A team reads a figure.", "figures": (), **changes})
    return WholeItem(record, item.language, {}, item.tags, item.source)


def image(kind: str = "PNG", size: tuple[int, int] = (4, 3), **more: Any) -> bytes:
    """Return a small image of a kind that Pillow writes."""
    out = BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(out, kind, **more)
    return out.getvalue()


def codes(losses: tuple[Loss, ...]) -> list[str]:
    """Return the codes of losses."""
    return [loss.code for loss in losses]


LETTERS: Final = st.characters(
    blacklist_categories=("Cs", "Cc", "Cn", "Co"),
    blacklist_characters="\u2028\u2029\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff",
)


def texts(*, least: int = 0) -> st.SearchStrategy[str]:
    """Return texts that authors could write, most of them unusual."""
    part = st.one_of(st.sampled_from(HOSTILE), st.text(LETTERS, max_size=12))
    joined = st.lists(part, min_size=least, max_size=5).flatmap(
        lambda parts: st.sampled_from([" ", "", "\n\n", "\n"]).map(lambda glue: glue.join(parts))
    )
    return joined.map(str.strip).filter(lambda text: len(text) >= least)


def lines() -> st.SearchStrategy[str]:
    """Return texts of one line."""
    return texts().map(lambda text: " ".join(text.split()))


def words() -> st.SearchStrategy[str]:
    """Return short texts of one line that say something."""
    return lines().map(lambda text: text[:30].strip()).filter(bool)


@st.composite
def items(draw: st.DrawFn, number: int = 1) -> WholeItem:
    """Return an item that an author could have written."""
    count = draw(st.integers(2, 6))
    choose = draw(st.integers(1, count - 1))
    keys = set(draw(st.permutations(range(count)))[:choose])
    options = tuple(
        OptionRecord(
            "ABCDEF"[at],
            draw(texts(least=1)),
            at in keys,
            None if at in keys else draw(st.sampled_from([None, "W1", "W6"])),
            draw(texts()),
        )
        for at in range(count)
    )
    record = ItemRecord(
        id=draw(words()) + f" {number}",
        stem=draw(texts(least=1)),
        ask=draw(lines()),
        options=options,
        explanation=Explanation(draw(texts()), draw(texts()), draw(texts())),
        references=tuple(
            Reference(
                draw(words()), "https://example.com/" + draw(st.sampled_from(["", "a?b=c&d#e", "x(y)", "é"]))
            )
            for _ in range(draw(st.integers(0, 2)))
        ),
        traits=Traits(
            draw(words()),
            "single" if choose == 1 else "multiple",
            choose,
            draw(st.sampled_from(["", "easy", "hard"])),
            tuple(dict.fromkeys(draw(st.lists(words(), max_size=2)))),
            draw(st.sampled_from(["", "apply"])),
        ),
    )
    texts_of = {"hu": draw(translations(record))} if draw(st.booleans()) else {}
    tags = tuple(dict.fromkeys(draw(st.lists(words(), max_size=3))))
    return WholeItem(record, "en", texts_of, tags, draw(st.one_of(st.just(""), words())))


@st.composite
def translations(draw: st.DrawFn, record: ItemRecord) -> ItemTextRecord:
    """Return texts for an item in another language."""
    return ItemTextRecord(
        id=record.id,
        stem=draw(texts(least=1)),
        options=tuple(
            OptionTextRecord(o.letter, draw(texts(least=1)), draw(texts())) for o in record.options
        ),
        explanation=Explanation(draw(texts()), draw(texts()), draw(texts())),
        ask=draw(lines()),
    )


def good(item: WholeItem) -> bool:
    """Tell whether the bank could hold an item."""
    return not list(item_faults(item)) and not figure_names(*item.record.texts)
