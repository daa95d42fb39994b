"""The figures of an item as files that go along with it: drawings of ours, and images."""

from collections.abc import Mapping
from typing import Final

from exams.content.exchange_formats.pictures import SUFFIXES
from exams.content.exchange_formats.shape import Picture
from exams.content.markdown import figure_names
from exams.content.whole import WholeItem

SVG: Final = '<svg xmlns="http://www.w3.org/2000/svg"'


class Drawings:
    """The files of one item by the names of its figures."""

    def __init__(self, item: WholeItem, pictures: Mapping[str, Picture]) -> None:
        self._figures = {figure.name: figure for figure in item.record.figures}
        self._pictures = pictures
        self._named = figure_names(*item.record.texts)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the names of figures that nobody has drawn here."""
        return tuple(name for name in self._named if self.path(name) is None)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of figures that have a file."""
        return tuple(name for name in self._named if self.path(name) is not None)

    def path(self, name: str) -> str | None:
        """Return where the file of a figure is, from where its item is."""
        if name in self._figures:
            return f"figures/{name}.svg"
        if name in self._pictures:
            return f"images/{name}{SUFFIXES[self._pictures[name].media_type]}"
        return None

    def data(self, name: str) -> bytes:
        """Return the file of a figure that has one."""
        if name in self._figures:
            # In a page the drawing needs no namespace; as a file it is nothing without it.
            return self._figures[name].svg.replace("<svg", SVG, 1).encode()
        return self._pictures[name].data
