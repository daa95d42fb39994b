"""What a paper keeps secret until the end: keys, reasons, and what counts. Never read for a running exam.

All of it is frozen once published, so a copy that a process keeps can never be stale. Which task an item
belongs to is not frozen: it is in `topics`.
"""

from dataclasses import dataclass
from functools import lru_cache

from exams.assembly import papers
from exams.assembly.models import FormItem
from exams.bank.models import ItemText, ItemVersion


@dataclass(frozen=True, slots=True)
class SolvedOption:
    """An option with its reason, and whether it is a key. Texts are clean HTML."""

    id: int
    letter: str
    text_html: str
    rationale_html: str
    is_key: bool


@dataclass(frozen=True, slots=True)
class SolvedText:
    """An item with everything that is secret before the end, as it reads in one language."""

    kind: str
    choose: int
    difficulty: str
    language: str
    stem_html: str
    ask_html: str
    options: tuple[SolvedOption, ...]
    why_html: str
    principle_html: str
    tip_html: str
    references: tuple[tuple[str, str], ...]

    @property
    def letters(self) -> str:
        """Return the letters of all options in their order."""
        return "".join(option.letter for option in self.options)

    @property
    def keys(self) -> str:
        """Return the letters of the keys in their order."""
        return "".join(option.letter for option in self.options if option.is_key)


@dataclass(frozen=True, slots=True)
class Solution:
    """A solved item at its position."""

    position: int
    domain_number: int
    is_scored: bool
    text: SolvedText


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
    return Solution(place.position, place.domain_number, place.is_scored, solved(place.version, text))


def solved(version: ItemVersion, text: ItemText) -> SolvedText:
    """Return a version with keys and reasons, in the language of a text of it; no query if all is fetched."""
    options = sorted(text.options.all(), key=lambda part: part.option.order)
    return SolvedText(
        kind=version.kind,
        choose=version.choose,
        difficulty=version.difficulty,
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
