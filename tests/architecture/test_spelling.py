"""Cards, cheat sheets, pages, the API and the docs are in US English."""

from pathlib import Path

import pytest

from exams.content.rules.spelling import british

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = (
    ("fixtures", "flashcards*.yaml"),
    ("fixtures", "cheatsheet/**/*"),
    ("fixtures", "sample.yaml"),
    ("fixtures", "CHECKED.md"),
    ("templates", "*.html"),
    ("templates", "*.txt"),
    ("accounts", "*.py"),
    ("exams/api", "*.py"),
    ("docs", "*.md"),
    (".", "[A-Z]*.md"),
)
TEXTS = sorted(
    path
    for folder, pattern in FOLDERS
    for path in ((ROOT / folder).glob(pattern) if folder == "." else (ROOT / folder).rglob(pattern))
    if path.is_file()
)


@pytest.mark.parametrize(
    "word",
    [
        *("regularisation", "Normalises", "modelling", "unlabelled", "towards", "optimise", "anonymisation"),
        *("optimiser", "tokenisers", "kilometres", "litre", "Per cent"),
    ],
)
def test_british_words_are_found(word: str) -> None:
    assert list(british(f"the {word} of it"))


@pytest.mark.parametrize(
    "word",
    [
        *("appraised", "televised", "improvise", "cruised", "franchised", "surmise", "demise", "bruised"),
        *("denoiser", "fundraisers", "advisers", "enterprise", "supervised", "otherwise", "parameters"),
    ],
)
def test_words_that_have_their_s_in_american_english_are_not(word: str) -> None:
    assert list(british(f"the {word} of it")) == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_text_is_in_american_english(path: Path) -> None:
    assert list(british(path.read_text(encoding="utf-8"))) == []
