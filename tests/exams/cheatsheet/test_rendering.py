"""The HTML of a block: that of questions, with subheadings, exam tips and the names of columns."""

import pytest

from exams.bank.drafts import CannotPublish
from exams.cheatsheet.services import render_block

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    '[click](https://example.org "x\\" onmouseover=alert(1)")',
    "### <script>alert(1)</script>",
    '| <b onclick=x> | "><script> |\n| --- | --- |\n| "><script>alert(1)</script> | <style>*{}</style> |',
    "<!-- covers: x --><iframe src=x>",
    "![x](https://example.org/x.png)",
]


def test_a_table_is_plain_and_names_the_column_in_each_cell_behind_the_first() -> None:
    html = render_block(
        "| Metric | Task | When |\n| --- | --- | --- |\n| F1 | Both | Often |\n| R2 | | |", "en"
    )
    assert 'class="wide"' not in html
    assert (
        '<th scope="row">F1</th>\n<td data-label="Task">Both</td>\n<td data-label="When">Often</td>' in html
    )
    assert html.count('data-label="When"') == 2


def test_a_row_whose_first_cell_is_empty_keeps_its_columns() -> None:
    html = render_block("| A | B | C |\n| --- | --- | --- |\n|  | two | three |", "en")
    assert '<td data-label="B">two</td>\n<td data-label="C">three</td>' in html


def test_a_column_of_numbers_has_its_name_like_every_other() -> None:
    html = render_block("| Domain | C01 | C02 |\n| --- | --- | ---: |\n| Data | 20% | 28% |", "en")
    assert '<td class="num"' not in html
    assert 'data-label="C01" class="num">20%' in html
    assert 'data-label="C02" class="num">28%' in html


def test_the_name_of_a_column_is_an_attribute_whatever_it_says() -> None:
    html = render_block('| A | a "quote" & **bold** |\n| --- | --- |\n| x | y |', "en")
    assert 'data-label="a &quot;quote&quot; &amp; bold"' in html


@pytest.mark.parametrize("tip", ["**Exam tip:** One copy.", "**Vizsgatipp:** Egy másolat."])
def test_an_exam_tip_is_set_apart_and_no_other_paragraph_is(tip: str) -> None:
    html = render_block(f"No exam tip here.\n\n{tip}", "en")
    assert html.count('<p class="tip"><strong>') == 1
    assert "<p>No exam tip here.</p>" in html


def test_a_subheading_is_a_heading_below_that_of_its_block() -> None:
    html = render_block("First.\n\n### More *of* it\n\n- **A:** b", "en")
    assert "<p>First.</p>\n<h4>More <em>of</em> it</h4>\n<ul>" in html


@pytest.mark.parametrize("source", HOSTILE)
def test_what_an_author_writes_never_becomes_a_script(source: str) -> None:
    html = render_block(f"Text.\n\n{source}", "en").lower()
    for tag in ("<script", "<img", "<iframe", "<style", "<b "):
        assert tag not in html
    assert "javascript:" not in html.replace("(javascript:", "")
    assert 'onmouseover="' not in html


def test_a_figure_is_refused() -> None:
    with pytest.raises(CannotPublish):
        render_block("![A chart](figure:chart)", "en")
