"""Cards, cheat sheets, pages, the API and the docs are in US English."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

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
BRITISH = re.compile(
    r"colour|behaviour|favour|neighbour|honour|harbour|rumour|\bcentre|\bmetres?\b|theatre|fibre"
    r"|(?:model|label|cancel|travel|signal|channel|total|fuel|level)l(?:ed|ing)\b|licence|artefact"
    r"|\bdialogue|whilst|amongst|\blearnt|\bspelt|\btowards|\bafterwards|judgement|\bageing|\bgrey\b"
    r"|defence|programme\b|\bpractis(?:e|ed|ing)\b|\banalys(?:e|ed|ing)\b|\bfulfils?\b|skilful|per cent"
    r"|\b\w{3,}is(?:e|es|ed|ing|ation|ations)\b",
    re.IGNORECASE,
)
# What has its "s" in American English, too, and a code that other files refer to.
ELSE = re.compile(
    r"\b(?:outlier-judgement|\w*wise|\w*nois(?:e|es|ed|ing)|\w*supervis\w+|(?:un|refund_)?promis\w+|compromis\w+|on-premises"
    r"|premises?|exercis\w+|concise|precise|imprecise|advertis\w+|revis\w+|advis\w+|surpris\w+|compris\w+"
    r"|enterprises?|expertise|disguise\w*|franchises?|merchandis\w+|(?:a|un)?rais(?:e|es|ed|ing)|aris(?:e|es|ing)"
    r"|(?:sun)?ris(?:e|es|ing)|phrases?|prais\w+|cruises?|devis\w+|paradise|likewise)\b",
    re.IGNORECASE,
)


def british(text: str) -> Iterator[str]:
    """Yield every British word of a text."""
    yield from (found[0] for found in BRITISH.finditer(ELSE.sub("", text)))


@pytest.mark.parametrize(
    "word",
    ["regularisation", "Normalises", "modelling", "unlabelled", "towards", "optimise", "anonymisation"],
)
def test_british_words_are_found(word: str) -> None:
    assert list(british(f"the {word} of it"))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_text_is_in_american_english(path: Path) -> None:
    assert list(british(path.read_text(encoding="utf-8"))) == []
