"""Figures are read from a closed subset of SVG; everything else is refused with file and line, and fast."""

import time

import pytest

from exams.content.formats.figure_svg import SIZE, read_figure
from exams.content.records import FormatError

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200">\n'
    "<title>Errors &amp; epochs</title>\n<desc>Error 3 at epoch 1.</desc>\n"
)
GOOD = HEAD + '<path class="grid" d="M0 0h3"/>\n<text class="tick" x="1" y="2.5">&lt;b&gt;</text>\n</svg>\n'


def refused(data: str | bytes) -> list[str]:
    with pytest.raises(FormatError) as caught:
        read_figure(data.encode() if isinstance(data, str) else data, "figures/curve.svg")
    return [str(problem) for problem in caught.value.problems]


def test_a_figure_says_its_name_its_title_and_its_description() -> None:
    figure = read_figure(GOOD.encode(), "figures/curve.svg")
    assert (figure.name, figure.title, figure.description) == (
        "curve",
        "Errors & epochs",
        "Error 3 at epoch 1.",
    )


def test_what_is_kept_was_written_anew_and_reads_as_itself() -> None:
    svg = read_figure(GOOD.encode(), "curve.svg").svg
    assert svg == (
        '<svg viewBox="0 0 320 200"><title>Errors &amp; epochs</title><desc>Error 3 at epoch 1.</desc>'
        '<path class="grid" d="M0 0h3"></path><text class="tick" x="1" y="2.5">&lt;b&gt;</text></svg>'
    )
    assert read_figure(svg.encode(), "curve.svg").svg == svg


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("<script>alert(1)</script>", "<script> is not allowed"),
        ('<script href="https://evil.example/x.js"/>', "<script> is not allowed"),
        ("<style>*{fill:url(https://evil.example)}</style>", "<style> is not allowed"),
        ('<image href="https://evil.example/a.png"/>', "<image> is not allowed"),
        ('<use href="#other"/>', "<use> is not allowed"),
        ("<foreignObject><p>x</p></foreignObject>", "<foreignObject> is not allowed"),
        ('<a href="javascript:alert(1)"><path d="M0 0"/></a>', "<a> is not allowed"),
        ('<animate attributeName="x"/>', "<animate> is not allowed"),
        ("<font/>", "<font> is not allowed"),
        ("<svg viewBox='0 0 1 1'/>", "<svg> is not allowed here"),
        ('<x:script xmlns:x="http://www.w3.org/2000/svg"/>', "<x:script> is not allowed"),
        ('<path d="M0 0" onload="alert(1)"/>', "'onload' of <path> is not allowed"),
        ('<path d="M0 0" style="fill:red"/>', "'style' of <path> is not allowed"),
        ('<path d="M0 0" fill="url(https://evil.example)"/>', "'fill' of <path> is not allowed"),
        ('<path d="M0 0" id="x"/>', "'id' of <path> is not allowed"),
        ('<path d="M0 0" xlink:href="#x" xmlns:xlink="x"/>', "'xlink:href' of <path> is not allowed"),
        ('<path class="evil" d="M0 0"/>', "class='evil' of <path> is not allowed"),
        ('<path d="M0 0 javascript:x"/>', "d='M0 0 javascript:x' of <path> is not allowed"),
        ('<circle cx="1e9" cy="0" r="1"/>', "cx='1e9' of <circle> is not allowed"),
        ('<text x="1" y="2" text-anchor="inherit">x</text>', "text-anchor='inherit' of <text>"),
        ("<text>a<tspan>b</tspan></text>", "<tspan> is not allowed"),
        ("<g><title>other</title></g>", "<title> of a part is not allowed"),
        ("<title>other</title>", "there is a second <title>"),
        ("<g><g><g><g/></g></g></g>", "<g> is not allowed within <g>"),
        ("words", "<svg> holds the words 'words'"),
        ("<?php evil ?>", "the instruction 'php' is not allowed"),
        ("<g><desc>other</desc></g>", "<desc> of a part is not allowed"),
        ("<desc>other</desc>", "there is a second <desc>"),
        ("<path><line/></path>", "<line> is not allowed within <path>"),
        ('<path x="1"/>', "'x' of <path> is not allowed"),
        ('<path class=" "/>', "class='' of <path> is not allowed"),
        ('<polyline points="0,0 url(x)"/>', "points='0,0 url(x)' of <polyline> is not allowed"),
        (f'<polyline points="{"1 1 " * 600}"/>', "points='1 1 "),
        ('<rect width="-9" height="1"/>', "width='-9' of <rect> is not allowed"),
        ('<rect width="9" height="-1"/>', "height='-1' of <rect> is not allowed"),
        ('<circle cx="-1" cy="0" r="-1"/>', "r='-1' of <circle> is not allowed"),
        ("<text>a\u202eb</text>", "the text holds U+202E, which changes its direction"),
        ("<text>a&#x2067;b</text>", "the text holds U+2067, which changes its direction"),
        ("<text><![CDATA[a\u200fb]]></text>", "the text holds U+200F, which changes its direction"),
        ("&evil;", "not valid XML: undefined entity"),
        ("<path", "not valid XML"),
    ],
)
def test_what_is_no_shape_or_word_is_refused_with_its_line(part: str, said: str) -> None:
    found = refused(f"{HEAD}{part}\n</svg>")
    assert any(line.startswith(f"figures/curve.svg:4: {said}") for line in found) or (
        said.startswith("not valid XML") and found[-1].startswith("figures/curve.svg:") and said in found[-1]
    ), found


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ('<!DOCTYPE svg [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>', "a document type is not allowed"),
        ('<!DOCTYPE svg SYSTEM "https://evil.example/x.dtd">', "a document type is not allowed"),
        ('<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "a document type is not allowed"),
    ],
)
def test_no_document_type_and_no_entity_is_read(declared: str, said: str) -> None:
    assert refused(declared + GOOD.replace("Error 3", "&b;")) == [f"figures/curve.svg:1: {said}"]


@pytest.mark.parametrize(
    ("svg", "said"),
    [
        ("<svg/>", "there is no <title>"),
        (GOOD.replace("<desc>Error 3 at epoch 1.</desc>", ""), "there is no <desc>"),
        (GOOD.replace(' viewBox="0 0 320 200"', ""), "<svg> has no viewBox"),
        (GOOD.replace("0 0 320 200", "0 0 -320 200"), "viewBox='0 0 -320 200' of <svg> is not allowed"),
        (GOOD.replace("Errors", "Errors\u2066"), "curve.svg:2: the text holds U+2066"),
        (GOOD.replace("Error 3", "Error\u200e 3"), "curve.svg:3: the text holds U+200E"),
        (GOOD.replace("2000/svg", "1999/xhtml"), "xmlns='http://www.w3.org/1999/xhtml' of <svg>"),
        (GOOD.replace("Error 3", "Error" + " 3" * 800), "<desc> is longer than 1500 characters"),
        (GOOD.replace("0 0 320 200", "1 0 320 200"), "viewBox='1 0 320 200' of <svg> is not allowed"),
        (GOOD.replace("Errors", "Errors" * 20), "<title> is longer than 120 characters"),
        ("<html/>", "<html> is not allowed"),
        ("<g/>", "<g> is not allowed here"),
    ],
)
def test_a_figure_without_its_words_or_its_size_is_refused(svg: str, said: str) -> None:
    assert any(said in line for line in refused(svg))


def test_bytes_that_are_no_text_are_refused() -> None:
    assert "not valid XML" in refused(b"\xff\xfe\x00<svg")[0]


def test_what_was_wrong_before_the_xml_ends_is_said_too() -> None:
    first, last = refused(f"{HEAD}<script/>\n<path")
    assert first == "figures/curve.svg:4: <script> is not allowed"
    assert last.startswith("figures/curve.svg:5: not valid XML")


def test_a_figure_may_be_as_large_as_the_limit_and_no_larger() -> None:
    data = GOOD.encode().ljust(SIZE)
    assert read_figure(data, "curve.svg").name == "curve"
    assert refused(data + b" ") == [
        f"figures/curve.svg:1: the figure has {SIZE + 1:,} bytes; at most {SIZE:,} are allowed"
    ]


def test_a_path_of_a_megabyte_is_refused_by_its_size() -> None:
    (found,) = refused(f'{HEAD}<path class="s1" d="M{"1 1 " * 260_000}"/></svg>')
    assert found.startswith("figures/curve.svg:1: the figure has 1,040,")
    assert found.endswith(f"at most {SIZE:,} are allowed")


@pytest.mark.parametrize("value", ["1" * 1900 + "x", "Z " * 900 + "!", "M1 " * 600 + "!", "M" + "1 1 " * 900])
def test_hostile_values_cost_no_time(value: str) -> None:
    began = time.process_time()
    refused(f'{HEAD}<path d="{value}"/></svg>')
    assert time.process_time() - began < 1
