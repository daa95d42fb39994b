"""What a page shows of an item while it is answered: its texts and lettered options, nothing of keys."""

from typing import Final

from exams.assembly.papers import CompiledPaper, PaperItem
from exams.kinds.kinds import KINDS

LETTERS: Final = "ABCDEFGH"


def questions_of(paper: CompiledPaper) -> list[dict[str, object]]:
    """Return what the templates need of each item."""
    return [question_of(item) for item in paper.items]


def question_of(item: PaperItem) -> dict[str, object]:
    """Return what the templates need of an item: its own fields and lettered options, nothing of keys."""
    return {
        "position": item.position,
        "kind": KINDS[item.kind],
        "choose": item.choose,
        "stem": item.stem,
        "ask": item.ask,
        "language": item.language,
        "options": [
            {"id": option, "letter": letter, "html": html}
            for letter, (option, html) in zip(LETTERS, item.options, strict=False)
        ],
    }
