"""What the page of a person and the start page of the admin show, and who adds to them.

`accounts` knows no exams: packages above register what they know. Each part names the
permission that one needs to see it, and is read by as few statements as it says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from accounts.base import hooks
from accounts.users.models import User

type Text = str | Promise


@dataclass(frozen=True, slots=True)
class Act:
    """A button beside a row: its verb, and the page that asks for a reason."""

    verb: Text
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a panel. `url` is where its first cell leads, "" for nowhere."""

    cells: Sequence[object]
    url: str = ""
    acts: Sequence[Act] = ()


type RowsOf = Callable[[User, User, slice], Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page of a person: `rows(person, staff, which)` returns the newest first."""

    key: str
    title: Text
    permission: str
    columns: Sequence[Text]
    empty: Text
    rows: RowsOf
    place: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the start page, where it leads, and whether somebody must look after it."""

    label: Text
    value: object
    url: str
    note: Text = ""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of the start page that one statement reads."""

    permission: str
    read: Callable[[], Sequence[Figure]]
    place: int

    def of(self, staff: User) -> Sequence[Figure]:
        """Read them; they are the same for everybody."""
        return self.read()


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """Numbers of the start page that are about its reader."""

    permission: str
    of: Callable[[User], Sequence[Figure]]
    place: int


def panels_for(staff: User) -> list[Panel]:
    """Return the panels that this member of staff may see, in their order."""
    every: tuple[Panel, ...] = hooks.registered("person_panels")
    panels = [panel for panel in every if staff.has_perm(panel.permission)]
    return sorted(panels, key=lambda panel: panel.place)


def figures_for(staff: User) -> list[Figure]:
    """Read the numbers that this member of staff may see, in their order: one statement for each kind."""
    sources: tuple[Figures | OwnFigures, ...] = hooks.registered("start_page_figures")
    allowed = [source for source in sources if staff.has_perm(source.permission)]
    return [figure for source in sorted(allowed, key=lambda each: each.place) for figure in source.of(staff)]


def start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the start page what happened today and what waits, as far as the reader may see it."""
    staff = request.user
    return {**context, "figures": figures_for(staff) if isinstance(staff, User) else []}
