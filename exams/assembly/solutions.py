"""What a paper keeps secret until the end: keys, reasons, and what counts. Never read for a running exam.

All of it is frozen once published, so a copy that a process keeps can never be stale. Which task an item
belongs to is not frozen: it is in `topics`.
"""

from dataclasses import dataclass
from functools import lru_cache

from exams.assembly import papers
from exams.assembly.models import FormItem
from exams.bank.models import ItemText


@dataclass(frozen=True, slots=True)
class SolvedOption:
    """An option with its reason, and whether it is a key. Texts are clean HTML."""

    id: int
    letter: str
    text_html: str
    rationale_html: str
    is_key: bool


@dataclass(frozen=True, slots=True)
class Solution:
    """An item at its position with everything that is secret before the end, in one language."""

    position: int
    domain_number: int
    is_scored: bool
    difficulty: str
    kind: str
    choose: int
    language: str
    stem_html: str
    ask_html: str
    options: tuple[SolvedOption, ...]
    why_html: str
    principle_html: str
    tip_html: str
    references: tuple[tuple[str, str], ...]


# A paper with its reasons is about 0.3 MB: a process keeps at most 10 MB of them.
@lru_cache(maxsize=32)
def get(paper_id: int) -> tuple[Solution, ...]:
    """Return the solutions of a paper in order of position; five queries the first time in a process."""
    paper = papers.get(paper_id)
    texts = {
        text.version_id: text
        for text in ItemText.objects.filter(pk__in=paper.text_ids).prefetch_related("options__option")
    }
    places = FormItem.objects.filter(edition_id=paper.edition_id).select_related("version")
    return tuple(_solution(place, texts[place.version_id]) for place in places.order_by("position"))


def _solution(place: FormItem, text: ItemText) -> Solution:
    version = place.version
    options = sorted(text.options.all(), key=lambda part: part.option.order)
    return Solution(
        position=place.position,
        domain_number=place.domain_number,
        is_scored=place.is_scored,
        difficulty=version.difficulty,
        kind=version.kind,
        choose=version.choose,
        language=text.language,
        stem_html=text.stem_html,
        ask_html=text.ask_html,
        options=tuple(
            SolvedOption(
                part.option_id, part.option.letter, part.text_html, part.rationale_html, part.option.is_key
            )
            for part in options
        ),
        why_html=text.why_html,
        principle_html=text.principle_html,
        tip_html=text.tip_html,
        references=tuple((one["title"], one["url"]) for one in text.references),
    )
