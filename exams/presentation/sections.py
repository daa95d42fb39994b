"""What packages above add to the pages of exams: sections of a certification's page, links and acts of items.

Exams cannot name what stands above them, so those register here when their app is ready. A hook returns
values; a section names its template and what the template needs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a certification's page. `part` is the part of the content that it shows."""

    part: str
    template: str
    context: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Link:
    """Where something that an item tests is taught, and which coverage that is.

    `kind` tells the packages apart, for icons. `locked` is what is said in place of the text to somebody who
    may not open the certification; empty where everybody may read the text. `language` is that of the text
    where it is not the one that was asked for.
    """

    kind: str
    text: str
    address: str
    covers: tuple[str, ...]
    locked: str = ""
    language: str = ""

    def for_reader(self, *, granted: bool) -> "Link":
        """Return the link as it is shown to somebody with access, or without."""
        return self if granted or not self.locked else replace(self, text=self.locked)


@dataclass(frozen=True, slots=True)
class ItemAct:
    """What can be done with each question of a review: a button that sends its position by a form.

    `form` is the id of the form, `template` the page part with it; that gets `code` and `attempt_id`.
    """

    form: str
    label: Promise
    template: str


type SectionHook = Callable[[str, str], Section | None]
type LinkHook = Callable[[str, Sequence[str], str], Sequence[Link]]

_sections: Final[list[SectionHook]] = []
_links: Final[list[LinkHook]] = []
_acts: Final[list[ItemAct]] = []


def adds_section(hook: SectionHook) -> SectionHook:
    """Have `hook(code, language)` asked for a section of each certification's page. Works as a decorator."""
    if hook not in _sections:
        _sections.append(hook)
    return hook


def sections(code: str, language: str) -> list[Section]:
    """Return the sections of a certification's page, in the order in which their packages registered."""
    return [found for hook in _sections if (found := hook(code, language)) is not None]


def adds_links(hook: LinkHook) -> LinkHook:
    """Have `hook(code, coverage, language)` asked for links from what an item covers. Works as a decorator.

    `code` names the certification, `coverage` what the item covers.
    """
    if hook not in _links:
        _links.append(hook)
    return hook


def adds_act(act: ItemAct) -> None:
    """Offer an act beside each question of a review; twice counts once. Before the first review is shown."""
    if act not in _acts:
        _acts.append(act)


def acts() -> tuple[ItemAct, ...]:
    """Return the acts that a review offers beside each question."""
    return tuple(_acts)


def links(code: str, coverage: Sequence[str], language: str) -> list[Link]:
    """Return where these points of coverage are taught, by whoever teaches them."""
    return [link for hook in _links for link in hook(code, coverage, language)]


def links_of_each(
    code: str, coverages: Sequence[Sequence[str]], language: str, *, granted: bool
) -> list[list[Link]]:
    """Return for each coverage where it is taught, as somebody with access may read it, or without.

    Every hook is asked once for all of them.
    """
    everything = sorted({name for coverage in coverages for name in coverage})
    found = [link.for_reader(granted=granted) for link in links(code, everything, language)]
    return [[link for link in found if not set(coverage).isdisjoint(link.covers)] for coverage in coverages]


type ContentHook = Callable[[Sequence[str]], Mapping[str, str]]

_contents: Final[list[ContentHook]] = []


def adds_content(hook: ContentHook) -> ContentHook:
    """Have `hook(codes)` asked how much of its own there is in certifications.

    It answers for those that have any, in the language of the page. One statement each.
    """
    if hook not in _contents:
        _contents.append(hook)
    return hook


def contents(codes: Sequence[str]) -> dict[str, list[str]]:
    """Return for each certification how much packages above have for it, each in words."""
    found: dict[str, list[str]] = {}
    for hook in _contents:
        for code, amount in hook(codes).items():
            found.setdefault(code, []).append(amount)
    return found
