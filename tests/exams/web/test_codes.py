"""Codes of certifications in headings stay on one line."""

from exams.web.filters import unbroken


def test_a_code_is_kept_on_one_line_and_the_rest_may_break() -> None:
    assert unbroken("Your MLS-C01 dashboard, built-in") == (
        'Your <span class="unbroken">MLS-C01</span> dashboard, built-in'
    )


def test_the_number_before_a_code_stays_with_it() -> None:
    assert unbroken("Jelentés: 1. MLS-C01 teszt") == (
        'Jelentés: <span class="unbroken">1. MLS-C01</span> teszt'
    )


def test_what_is_no_code_is_escaped() -> None:
    assert unbroken("<b>AWS & C01") == "&lt;b&gt;AWS &amp; C01"
