"""A certification from nothing to its exam, by the acts of authors and reviewers."""

from typing import Any

from exams.authoring import certifications
from exams.authoring.models import Draft
from exams.catalog.models import Certification
from tests.exams.authoring import acts, nothing


def begun(code: str = nothing.CODE) -> Draft:
    """Begin a certification; return the draft of its facts."""
    return certifications.begin(code=code, language="en", actor=acts.staff("authors"))


def written(code: str = nothing.CODE) -> Certification:
    """Publish facts, texts, domains and tasks of a new certification."""
    draft = begun(code)
    acts.publish(draft, nothing.content())
    return Certification.objects.get(code=code)


def question(number: int) -> dict[str, Any]:
    """Return a question of the lamp keepers, whole and without a breach that blocks."""
    domain = 1 if number <= 6 else 2
    said = nothing.QUESTIONS[number - 1]
    return {
        "task": f"{domain}.1",
        "kind": "single",
        "choose": 1,
        "difficulty": "medium",
        "options": [{"key": place == 0, "failure": "" if place == 0 else "W1"} for place in range(4)],
        "references": [{"title": "The keeper's book", "url": "https://harbor.example.org/book/lamps"}],
        "texts": {
            "en": {
                "stem": said.stem,
                "ask": said.ask,
                "why": said.why,
                "principle": "What is checked before dark does not fail at night.",
                "tip": "Look for what must happen first.",
                "options": [{"text": text, "why": why} for text, why in said.options],
                "figures": [],
            }
        },
    }


def with_questions(certification: Certification, count: int = 10) -> None:
    """Publish questions, one draft each."""
    for number in range(1, count + 1):
        draft = acts.begin(certification, "item", nothing.code_of(number))
        acts.publish(draft, question(number))


def with_exam(certification: Certification) -> None:
    """Publish exam 1 of the ten questions."""
    draft = acts.begin(certification, "form", "exam-1")
    items = [{"code": nothing.code_of(number), "scored": True} for number in range(1, 11)]
    acts.publish(draft, {"items": items})
