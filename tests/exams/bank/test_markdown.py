"""What becomes of Markdown on pages: tables with heads, labeled code, figures with ids of their own."""

import re

import pytest
from django.utils.translation import override

from exams.bank import markdown
from exams.bank.drafts import CannotPublish
from exams.bank.markdown import Setting

SVG = (
    '<svg viewBox="0 0 9 9"><title>T</title><desc>Five words describe this one.</desc>'
    '<path class="s1" d="M0 0h3"></path></svg>'
)
HERE = Setting({"curve": SVG}, "E1-Q01-en1-s")
WIDE = "| | B | C | D |\n| --- | --: | --- | --- |\n| a | 1 | 2 | 3 |"


def test_a_table_says_what_each_heading_heads() -> None:
    html = markdown.render("| | B |\n| --- | --: |\n| a | 1 |\n| | 2 |")
    assert re.sub(r"\n", "", html) == (
        '<table><thead><tr><td></td><th class="num" scope="col">B</th></tr></thead><tbody>'
        '<tr><th scope="row">a</th><td class="num">1</td></tr>'
        '<tr><td></td><td class="num">2</td></tr></tbody></table>'
    )


def test_a_column_of_numbers_of_one_unit_is_aligned_to_the_right() -> None:
    html = markdown.render("| k | A | B |\n| --- | --- | --- |\n| 2 | 5% | 3 ms |\n| 3 | 12% | 1,000 |")
    assert '<th class="num" scope="col">A</th>' in html
    assert '<td class="num">12%</td>' in html
    assert "<td>3 ms</td>" in html
    assert '<th scope="row">2</th>' in html


def test_numbers_below_zero_are_aligned_and_cells_without_a_digit_are_not() -> None:
    html = markdown.render(
        "| k | A | B |\n| --- | --- | --- |\n| a | \N{MINUS SIGN}0.5 | ... |\n| b | .25 | . |"
    )
    assert '<td class="num">\N{MINUS SIGN}0.5</td>' in html
    assert '<td class="num">.25</td>' in html
    assert "<td>...</td>" in html


def test_a_table_that_a_phone_does_not_hold_scrolls_by_itself_and_has_a_name() -> None:
    assert markdown.render(WIDE).startswith(
        '<div class="wide" role="group" tabindex="0" aria-label="Table"><table>'
    )
    long_word = "| A | B |\n| --- | --- |\n| SageMakerVariantInvocations | 1 |"
    assert 'class="wide"' in markdown.render(long_word)
    assert 'class="wide"' not in markdown.render("| A | B |\n| --- | --- |\n| short | 1 |")
    hungarian = Setting({}, "x", "hu")
    assert 'aria-label="Táblázat"' in markdown.render(WIDE, hungarian)


def test_nothing_in_an_option_takes_the_keyboard() -> None:
    html = markdown.render_option(WIDE, Setting({}).part("A", scrolls=False))
    assert html.startswith("<table>")
    assert "tabindex" not in html


def test_code_names_its_language() -> None:
    code = '<pre><code>{"a": "&lt;b&gt;"}\n</code></pre>'
    html = markdown.render('```json\n{"a": "<b>"}\n```')
    assert html == f"<figure><figcaption>JSON</figcaption>{code}</figure>"
    assert markdown.render("```text\nx\n```") == "<pre><code>x\n</code></pre>"


LOG = """```log
Day  Start  Minutes  Scanned  New  Modified
Mon  09:00        4   48,212    0         0
```"""


def test_code_in_columns_scrolls_like_a_table_and_has_a_name() -> None:
    opening = '<pre class="wide" role="group" tabindex="0" aria-label="{}"><code>Day'
    assert opening.format("Log") in markdown.render(LOG)
    text = LOG.replace("log", "text")
    assert opening.format("Text in columns") in markdown.render(text)
    assert opening.format("Oszlopokba rendezett szöveg") in markdown.render(text, Setting({}, "x", "hu"))


@pytest.mark.parametrize(
    "code",
    [
        "```log\nA  B\n1  2\n```",
        "```log\n" + "10:02:11 INFO one sentence that goes on below\n" * 2 + "```",
        LOG.replace("log", "python"),
    ],
    ids=["narrow", "sentences", "program"],
)
def test_other_code_goes_on_below(code: str) -> None:
    assert "<pre><code>" in markdown.render(code)


def test_code_in_columns_takes_no_keyboard_in_an_option() -> None:
    assert "<pre><code>" in markdown.render_option(LOG, Setting({}).part("A", scrolls=False))


def test_a_figure_is_named_and_described() -> None:
    html = markdown.render("![A caption](figure:curve)", HERE)
    assert html == (
        '<figure><svg class="fig" role="img" aria-labelledby="E1-Q01-en1-s-1t"'
        ' aria-describedby="E1-Q01-en1-s-1d" viewBox="0 0 9 9"><title id="E1-Q01-en1-s-1t">T</title>'
        '<desc id="E1-Q01-en1-s-1d">Five words describe this one.</desc>'
        '<path class="s1" d="M0 0h3"></path></svg><figcaption>A caption</figcaption></figure>'
    )


def test_a_caption_is_read_as_it_was_written() -> None:
    html = markdown.render("![1 < 2 & `<b>`](figure:curve)", HERE)
    assert "<figcaption>1 &lt; 2 &amp; `&lt;b&gt;`</figcaption>" in html


def test_ids_of_figures_differ_within_and_between_texts() -> None:
    twice = "![](figure:curve)\n\nand\n\n![](figure:curve)"
    shown = [markdown.render(twice, HERE), markdown.render(twice, HERE.part("w"))]
    ids = re.findall(r' id="([^"]+)"', "".join(shown))
    assert len(ids) == len(set(ids)) == 8
    assert set(re.findall(r'aria-(?:labelled|described)by="([^"]+)"', "".join(shown))) == set(ids)


def test_an_option_stays_a_line_unless_it_shows_something() -> None:
    assert markdown.render_option("Use `x` | 1. no list") == "Use <code>x</code> | 1. no list"
    assert markdown.render_option("1. no list") == markdown.render_inline("1. no list") == "1. no list"
    assert markdown.render_option("```text\nx\n```") == "<pre><code>x\n</code></pre>"


def test_a_figure_that_is_missing_or_unsound_cannot_be_published() -> None:
    with pytest.raises(CannotPublish, match="gone isn't there"):
        markdown.render("![](figure:gone)", HERE)
    evil = SVG.replace("<path", "<script>alert(1)</script><path")
    with pytest.raises(CannotPublish, match="can't be shown"):
        markdown.render("![](figure:curve)", Setting({"curve": evil}))


def test_why_it_cannot_be_published_is_said_in_the_language_of_the_reader() -> None:
    with pytest.raises(CannotPublish) as caught:
        markdown.render("![](figure:gone)", Setting({}, language="en"))
    with override("hu"):
        assert str(caught.value) == "Nincs ilyen ábra: gone."


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<svg onload=alert(1)><path d='M0 0'/></svg>",
        "[x](javascript:alert(1))",
        "![x](javascript:alert(1))",
        "![x](https://evil.example/a.png)",
        "| <img src=x onerror=alert(1)> | b |\n| --- | --- |\n| c | [d](javascript:alert(1)) |",
        "```json\n</code></pre><script>alert(1)</script>\n```",
        '```json" onmouseover="alert(1)\nx\n```',
        '![" onload="alert(1)](figure:curve)',
        "<figure><figcaption><style>*{}</style></figcaption></figure>",
    ],
)
def test_hostile_text_becomes_no_tag_handler_or_address(text: str) -> None:
    html = markdown.render(text, HERE)
    tags = re.findall(r"<[^>]*>", html)
    hostile = re.compile(r"^<(script|style|img)|javascript:|evil|\son\w+=|href")
    assert [tag for tag in tags if hostile.search(tag)] == []


def test_the_second_wall_lets_through_only_shapes() -> None:
    html = markdown._clean(
        '<svg class="fig evil" viewBox="0 0 1 1" role="img" onload="a" style="b" width="9">'
        '<style>x</style><script>y</script><image href="z"></image><foreignObject><p>q</p></foreignObject>'
        '<a href="javascript:1"><path class="s1 evil" d="M0 0" fill="url(x)" id="i"></path></a>'
        '<use href="#i"></use></svg><div class="wide evil" role="dialog" tabindex="5" hidden>t</div>'
        '<th scope="evil" class="num" onclick="a">h</th>'
    )
    assert html == (
        '<svg class="fig" viewBox="0 0 1 1" role="img"><path class="s1" d="M0 0"></path></svg>'
        '<div class="wide">t</div>h'
    ) or not re.search(r"evil|script|style|image|href|\son|fill|id=|dialog|tabindex", html)
