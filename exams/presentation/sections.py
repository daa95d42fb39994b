"""What packages above add to the pages of exams: sections of a certification's page, links and acts of items.

Exams cannot name what stands above them, so those answer hooks with values; a section names its template and
what the template needs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.functional import Promise

from accounts.base import hooks


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a certification's page. `part` is the part of the content that it shows, `amount` how much
    there is, in words."""

    part: str
    template: str
    amount: str
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
    `done` is said beside the question once it was done: where the address has `done=` and the id of the form.
    """

    form: str
    label: Promise
    template: str
    done: Promise


type SectionHook = Callable[[str, str], Section | None]
type LinkHook = Callable[[str, Sequence[str], str], Sequence[Link]]


def sections(code: str, language: str) -> list[Section]:
    """Return the sections of a certification's page, in the order in which their packages registered."""
    answers: tuple[SectionHook, ...] = hooks.registered("certification_sections")
    return [found for answer in answers if (found := answer(code, language)) is not None]


def acts() -> tuple[ItemAct, ...]:
    """Return the acts that a review offers beside each question."""
    return hooks.registered("item_acts")


def links(code: str, coverage: Sequence[str], language: str) -> list[Link]:
    """Return where these points of coverage are taught, by whoever teaches them."""
    answers: tuple[LinkHook, ...] = hooks.registered("coverage_links")
    return [link for answer in answers for link in answer(code, coverage, language)]


def links_of_each(
    code: str, coverages: Sequence[Sequence[str]], language: str, *, granted: bool
) -> list[list[Link]]:
    """Return for each coverage where it is taught, as somebody with access may read it, or without.

    Every hook is asked once for all of them.
    """
    everything = sorted({name for coverage in coverages for name in coverage})
    taught = [link.for_reader(granted=granted) for link in links(code, everything, language)]
    return [[link for link in taught if not set(coverage).isdisjoint(link.covers)] for coverage in coverages]


type ContentHook = Callable[[Sequence[str]], Mapping[str, str]]


def contents(codes: Sequence[str]) -> dict[str, list[str]]:
    """Return for each certification how much packages above have for it, in words. A statement each."""
    answers: tuple[ContentHook, ...] = hooks.registered("certification_contents")
    by_code: dict[str, list[str]] = {}
    for answer in answers:
        for code, amount in answer(codes).items():
            by_code.setdefault(code, []).append(amount)
    return by_code
