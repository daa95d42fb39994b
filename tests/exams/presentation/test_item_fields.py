"""What the fields of a drafted question are called."""

import pytest

from exams.presentation.item_fields import label_of


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("", ""),
        ("task", "Task statement"),
        ("covers.0", "Covers"),
        ("options", "Options"),
        ("options.1", "Option B"),
        ("options.1.failure", "Option B: Why it fails"),
        ("options.20.key", "Option 21: Correct"),
        ("references.0.url", "References 1: Address"),
        ("texts.hu", "Magyar"),
        ("texts.en.stem", "Situation (English)"),
        ("texts.en.options.2.why", "Option C: Explanation (English)"),
        ("texts.en.figures.0.svg", "Figures (English)"),
    ],
)
def test_a_field_has_the_name_that_the_editor_shows(path: str, label: str) -> None:
    assert label_of(path) == label


@pytest.mark.parametrize(
    "path",
    [
        "options.x",
        "options.-1.key",
        "options.²",
        "options.9999",
        "references.x.url",
        "front",
        "a.b",
        ".",
        "é",
    ],
)
def test_what_is_no_field_of_a_question_breaks_no_page(path: str) -> None:
    assert label_of(path) in (path, "Options", "References")
