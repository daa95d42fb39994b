"""What packages above add to the pages of exams: sections of a certification's page, links of an item.

Exams cannot name what stands above them, so those register here when their app is ready. A hook returns
values; a section names its template and what the template needs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a certification's page. `part` is the part of the content that it shows."""

    part: str
    template: str
    context: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Link:
    """Where something that an item tests is taught. `kind` tells the packages apart, for icons."""

    kind: str
    text: str
    address: str


type SectionHook = Callable[[str, str], Section | None]
type LinkHook = Callable[[str, Sequence[str], str], Sequence[Link]]

_sections: Final[list[SectionHook]] = []
_links: Final[list[LinkHook]] = []


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


def links(code: str, coverage: Sequence[str], language: str) -> list[Link]:
    """Return where these points of coverage are taught, by whoever teaches them."""
    return [link for hook in _links for link in hook(code, coverage, language)]
