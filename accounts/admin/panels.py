"""What the page of a person and the start page of the admin show, and who adds to them.

`accounts` knows no exams: packages above register what they know in AppConfig.ready. Each part names the
permission that one needs to see it, and is read by as few statements as it says.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest
from django.utils.functional import Promise

from accounts.users.models import User

type Text = str | Promise


@dataclass(frozen=True, slots=True)
class Act:
    """A button beside a row: its verb, and the page that asks for a reason."""

    verb: Text
    address: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a panel. `address` is where its first cell leads, "" for nowhere."""

    cells: Sequence[object]
    address: str = ""
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
    address: str
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


_panels: Final[dict[str, Panel]] = {}
_figures: Final[list[Figures | OwnFigures]] = []


def adds_panel(panel: Panel) -> None:
    """Show a panel on the page of each person. One with the key of another takes its place."""
    _panels[panel.key] = panel


def panels_for(staff: User) -> list[Panel]:
    """Return the panels that this member of staff may see, in their order."""
    panels = [panel for panel in _panels.values() if staff.has_perm(panel.permission)]
    return sorted(panels, key=lambda panel: panel.place)


def adds_figures(figures: Figures | OwnFigures) -> None:
    """Show numbers on the start page. Twice counts once."""
    if figures not in _figures:
        _figures.append(figures)


def figures_for(staff: User) -> list[Figure]:
    """Read the numbers that this member of staff may see, in their order: one statement for each kind."""
    mine = sorted(
        (figure for figure in _figures if staff.has_perm(figure.permission)), key=lambda figure: figure.place
    )
    return [figure for source in mine for figure in source.of(staff)]


type BegunOf = Callable[[User, Collection[str], datetime], Sequence[Text]]

_begun: Final[list[BegunOf]] = []


def tells_begun(hook: BegunOf) -> None:
    """Have `hook(person, codes, since)` say what somebody has begun of what codes open. Twice counts once."""
    if hook not in _begun:
        _begun.append(hook)


def begun(person: User, codes: Collection[str], since: datetime) -> list[Text]:
    """Return what somebody has begun since a moment of what codes open, nothing where nothing was."""
    return [sentence for hook in _begun for sentence in hook(person, codes, since)]


def start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the start page what happened today and what waits, as far as the reader may see it."""
    staff = request.user
    return {**context, "figures": figures_for(staff) if isinstance(staff, User) else []}
