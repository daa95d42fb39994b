"""HTML of other systems as Markdown: what is shown stays the same, and what cannot be shown is told."""

from html import escape
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from exams.content import markdown
from exams.content.exchange_formats import html_tree
from exams.content.exchange_formats.html_markdown import markdown_parts, plain_markdown, to_markdown
from exams.content.exchange_formats.html_parts import parts_of, plain_words
from tests.exams.content.exchange_formats.builders import HOSTILE, LETTERS


class Notes:
    """Remembers losses, and finds every image."""

    language = "en"

    def __init__(self) -> None:
        self.told: list[str] = []

    def lose(self, code: str, **values: Any) -> None:
        self.told.append(" ".join([code, *(f"{name}={value}" for name, value in values.items())]))

    def image(self, address: str, alt: str) -> str:
        return f"figure:{address}"


def read(html: str) -> tuple[str, list[str]]:
    """Return a text of HTML as Markdown, and what was lost of it."""
    notes = Notes()
    return to_markdown(html_tree.parse(html, "file", 1).children, notes), notes.told


@pytest.mark.parametrize(
    ("html", "expected", "losses"),
    [
        ("plain words", "plain words", []),
        ("<p>One</p>\n<p>Two</p>", "One\n\nTwo", []),
        ("One<br>two<br><br>three", "One\\\ntwo\n\nthree", []),
        ("<div>a<div>b</div>c</div>", "a\n\nb\n\nc", []),
        ("<b>bold</b> and <i>slanted</i>", "**bold** and *slanted*", []),
        ("<b> bold </b>x", "**bold** x", []),
        ("<strong><b>twice</b></strong>", "**twice**", []),
        ("<b>a</b><b>b</b>", "**ab**", []),
        ("<b><p>paragraph</p></b>", "**paragraph**", []),
        ("a<b>!</b>b", "a\\!b", ["element name=em"]),
        ("<code>x</code> <tt>a`b</tt>", "`x` ``a`b``", []),
        ("<kbd>`</kbd>", "`` ` ``", []),
        ("2 * 3 * 4", "2 * 3 * 4", []),
        ("2 *3* 4", "2 \\*3\\* 4", []),
        ("snake_case and _this_", "snake\\_case and \\_this\\_", []),
        ("&lt;b&gt; &amp; &amp;amp;", "\\<b> & &amp;amp;", []),
        ("<p>1. one</p>", "1\\. one", []),
        ("<p># one</p><p>- two</p><p>&gt; three</p>", "\\# one\n\n\\- two\n\n\\> three", []),
        ("a<br>- b", "a\\\n\\- b", []),
        ("<ul><li>a<li>b</ul>", "- a\n- b", []),
        ("<ul><li>a<ol><li>b</ol><li>c</ul>", "- a\n  1. b\n- c", []),
        ("<ol start=3><li>c</li></ol>", "3. c", []),
        ("<ul><li><p>a</p><p>b</p></li></ul>", "- a\n\n  b", []),
        ("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n* b", []),
        ("<ul><li><pre>x\n y</pre></ul>", "- ```text\n  x\n   y\n  ```", []),
        ("<pre>a\n\n  b &lt;</pre>", "```text\na\n\n  b <\n```", []),
        ("<pre><code class='language-sql'>SELECT 1\n</code></pre>", "```sql\nSELECT 1\n```", []),
        ("<pre class='brush: java'>x</pre>", "```text\nx\n```", ["code_language name=java"]),
        ("<pre>a<br>b</pre>", "```text\na\nb\n```", []),
        ("<pre>```</pre>", "````text\n```\n````", []),
        (
            "<table><tr><th>a<th align=center>b|c<tr><td>1<td>2</table>",
            "| a | b\\|c |\n| --- | :-: |\n| 1 | 2 |",
            [],
        ),
        ("<table><tr><td>1<td>2</table>", "| 1 | 2 |\n| --- | --- |", ["table_head"]),
        (
            "<table><tr><th>a<th>b<tr><td colspan=2>c</table>",
            "| a | b |\n| --- | --- |\n| c | |",
            ["element name=colspan"],
        ),
        ("<table><tr><th>a<tr><td>b<br>c<p>d</table>", "| a |\n| --- |\n| b c d |", []),
        ("<a href='https://example.com/a b'>x</a>", "[x](https://example.com/a%20b)", []),
        ("<a href='https://example.com/(a)'>x</a>", "[x](<https://example.com/(a)>)", []),
        ("<a href='https://example.com/'>https://example.com/</a>", "<https://example.com/>", []),
        ("<a href='JavaScript:alert(1)'>x</a>", "x", ["link address=JavaScript:alert(1)"]),
        ("<a href='data:text/html,x'>x</a>", "x", ["link address=data:text/html,x"]),
        ("<a href='/local'>x</a>", "x", ["link address=/local"]),
        ("<a name='here'>x</a>", "x", []),
        ("<img src='a' alt='An [a]'>", "![An (a)](figure:a)", []),
        ("a <img src='a' alt=''> b", "a\n\n![](figure:a)\n\nb", []),
        ("<b>a <img src='a' alt=''> b</b>", "**a**\n\n![](figure:a)\n\n**b**", []),
        ("<table><tr><th><img src='a' alt='pic'></table>", "| pic |\n| --- |", ["image_place name=figure:a"]),
        ("x<sup>2</sup> H<sub>2</sub>O", "x² H₂O", []),
        ("x<sup>ab</sup>", "x^ab", ["element name=sup"]),
        ("<q>said</q>", "“said”", []),
        ("<h2>Head</h2>text", "**Head**\n\ntext", ["element name=h2"]),
        ("<blockquote>words</blockquote>", "words", ["element name=blockquote"]),
        ("a<hr>b", "a\n\nb", ["element name=hr"]),
        ("<dl><dt>a<dd>b</dl>", "**a**\n\nb", ["element name=dl", "element name=dt", "element name=dd"]),
        ("<u>a</u> <s>b</s>", "a b", ["element name=u", "element name=s"]),
        ("<span style='color:red'>a</span>", "a", ["style"]),
        ("<p style='text-align: left;'>a</p>", "a", []),
        ("<script>x</script><style>y</style>a", "a", ["removed name=script", "removed name=style"]),
        ("<p onclick='x()'>a</p>", "a", []),
        ("<video src=x>words</video>a", "a", ["removed name=video"]),
        ("<svg><circle/></svg>a", "a", ["image_svg name=<svg>"]),
        ("<!-- hidden -->a<!---->", "a", []),
        ("<unknown>a</unknown>", "a", ["element name=unknown"]),
        ("</p></b>a</div>", "a", []),
        ("<p>a<p>b<b>c", "a\n\nb**c**", []),
        ("a &nbsp; b", "a \u00a0 b", []),
        ("<p> </p><p></p><br>", "", []),
        ("שלום <b>עולם</b>", "שלום **עולם**", []),
    ],
)
def test_html_is_read_as_markdown(html: str, expected: str, losses: list[str]) -> None:
    assert read(html) == (expected, losses)


PARTS = st.one_of(st.sampled_from(HOSTILE), st.text(LETTERS, max_size=10))
WORDS = PARTS.map(escape)
INLINE = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["b", "i", "code", "span"]), inner).map(
            lambda p: f"<{p[0]}>{p[1]}</{p[0]}>"
        ),
        inner.map(lambda text: f"<a href='https://example.com/?a=1'>{text}</a>"),
        st.tuples(inner, inner).map(lambda p: f"{p[0]} {p[1]}<br>"),
    ),
    max_leaves=4,
)
BLOCKS = st.recursive(
    st.one_of(
        INLINE.map(lambda text: f"<p>{text}</p>"),
        WORDS.map(lambda text: f"<pre>{text}</pre>"),
        st.lists(INLINE, min_size=4, max_size=4).map(
            lambda c: f"<table><tr><th>{c[0]}<th>{c[1]}<tr><td>{c[2]}<td>{c[3]}</table>"
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(
            st.sampled_from(["ul", "ol"]), st.lists(st.one_of(inner, INLINE), min_size=1, max_size=3)
        ).map(lambda p: f"<{p[0]}>{''.join(f'<li>{one}</li>' for one in p[1])}</{p[0]}>"),
    ),
    max_leaves=5,
)


@settings(
    max_examples=150,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(BLOCKS)
def test_markdown_shows_what_the_html_showed_unless_a_loss_says_otherwise(html: str) -> None:
    text, told = read(html)
    before = parts_of(html_tree.parse(html, "file", 1).children, Notes())
    after = markdown_parts(text)
    if not any(one in ("element name=em", "rough") for one in told):
        assert after == before, (html, text)
    if "rough" not in told:
        assert "".join(plain_words(after).split()) == "".join(plain_words(before).split())


@settings(max_examples=150, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(PARTS, max_size=5).map(" ".join))
def test_plain_words_mean_nothing_but_themselves(text: str) -> None:
    shown = markdown_parts(plain_markdown(text))
    assert "".join(plain_words(shown).split()) == "".join(text.split())
    assert {part.name for part in shown} <= {"p"}
    assert markdown.kinds_of(plain_markdown(text)) == frozenset()


@pytest.mark.parametrize("html", ["<b>" * 40_000, "*" * 100_000, "[" * 100_000, "<li>" * 9_000, "`" * 50_000])
def test_hostile_html_takes_no_time(html: str) -> None:
    """What is read of it does not matter here, only that the limits of a text end it."""
    try:
        html_tree.parse(html, "file", 1)
    except Exception as error:
        assert "deep" in str(error)
