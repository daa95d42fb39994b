"""What packages above add to the pages of exams: sections of a certification's page, links and acts of items.

Exams cannot name what stands above them, so those register here when their app is ready. A hook returns
values; a section names its template and what the template needs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID


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


@dataclass(frozen=True, slots=True)
class Act:
    """What a person may do with an item that they missed, by one button on its row in a review.

    The button posts the `position` to the address; a script puts the reply in its place. `done` names the
    positions where it was done already, `done_text` and `done_address` what stands there instead.
    """

    kind: str
    address: str
    text: str
    done: frozenset[int]
    done_text: str
    done_address: str


type ActHook = Callable[[int, str, UUID], Act | None]
type SectionHook = Callable[[str, str], Section | None]
type LinkHook = Callable[[str, Sequence[str], str], Sequence[Link]]

_sections: Final[list[SectionHook]] = []
_links: Final[list[LinkHook]] = []
_acts: Final[list[ActHook]] = []


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


def adds_act(hook: ActHook) -> ActHook:
    """Have `hook(user_id, code, attempt_id)` asked for an act on missed items. Works as a decorator.

    It is asked only for ended exams of the person; `code` names the certification.
    """
    if hook not in _acts:
        _acts.append(hook)
    return hook


def acts(user_id: int, code: str, attempt_id: UUID) -> list[Act]:
    """Return what the person may do with the items that they missed in an ended exam of theirs."""
    return [found for hook in _acts if (found := hook(user_id, code, attempt_id)) is not None]
