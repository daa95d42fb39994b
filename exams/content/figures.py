"""The part with the figures that items show: drawings, the numbers that charts are drawn from, images.

Items call a figure by its name, `![Caption](figure:name)`. A fault of a figure is a fault of the items that
show it and is told with their ids.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from exams.content.exchange_formats.pictures import SUFFIXES, read_own
from exams.content.exchange_formats.shape import Picture
from exams.content.folder import Folder
from exams.content.formats.figure_svg import read_figure
from exams.content.markdown import figure_names, is_image, silent_images
from exams.content.parts import Content, Part
from exams.content.records import (
    FigureRecord,
    FormatError,
    ItemRecord,
    ItemTextRecord,
    Place,
    Problem,
)

NAME: Final = "[a-z0-9]+(?:-[a-z0-9]+)*"


@dataclass(frozen=True, slots=True)
class FiguresRecord:
    """The figures by name, the faults of those that cannot be read, and the images by name.

    `is_whole` is False where some exams were passed over: then nobody knows which figure is not used.
    """

    figures: Mapping[str, FigureRecord]
    faulty: Mapping[str, tuple[Problem, ...]]
    images: Mapping[str, Picture]
    is_whole: bool


class FiguresPart(Part[FiguresRecord]):
    """The files of `figures/`: name.svg, name.yaml where it is a chart, images by their content."""

    name = "figures"
    files = (rf"figures/{NAME}\.svg", rf"figures/{NAME}\.yaml", r"figures/[^/]+\.(?:png|jpe?g|webp)")
    kept = (rf"figures/{NAME}\.yaml",)

    def read(self, folder: Folder, content: Content) -> FiguresRecord:
        """Return what is there; faulty figures are complained about once it is known who shows them."""
        drawings, _, rasters = self.files
        faulty: dict[str, tuple[Problem, ...]] = {}

        # Which items show a figure is known only once all parts are read, so its faults wait.
        def read(data: bytes, file: str) -> FigureRecord | None:
            try:
                return read_figure(data, file)
            except FormatError as error:
                faulty[PurePosixPath(file).stem] = error.problems
                return None

        figures = {figure.name: figure for figure in folder.all(drawings, read) if figure}
        images = {image.name: image for image in folder.all(rasters, read_own)}
        return FiguresRecord(figures, faulty, images, folder.only is None)

    def problems(self, record: FiguresRecord, content: Content) -> Iterator[Problem]:
        """Return what is wrong with figures, which are missing and which nobody shows."""
        shown: dict[str, list[ItemRecord | ItemTextRecord]] = {}
        for item in content.items():
            for name in figure_names(*item.texts):
                shown.setdefault(name, []).append(item)
            for name in (name for text in item.texts for name in silent_images(text)):
                yield Problem(item.place, item.id, f"the image {name} has no description in its brackets")
        for name, faults in record.faulty.items():
            ids = ", ".join(dict.fromkeys(item.id for item in shown.get(name, ())))
            yield from (replace(fault, item=ids) for fault in faults)
        for name, items in shown.items():
            if name not in record.figures and name not in record.faulty and name not in record.images:
                ends = ".png, .jpg or .webp" if is_image(name) else ".svg"
                message = f"there is no figures/{name}{ends}"
                yield from (Problem(item.place, item.id, message) for item in items)
        # Where some exams were passed over, a figure that nobody shows may be one of theirs.
        if record.is_whole:
            yield from _unused(record, shown)


def _unused(record: FiguresRecord, shown: Iterable[str]) -> Iterator[Problem]:
    for name, figure in record.figures.items():
        if name not in shown:
            yield Problem(Place(figure.place.file, 0), "", "no item shows this figure")
    for name, image in record.images.items():
        if name not in shown:
            yield Problem(
                Place(f"figures/{name}{SUFFIXES[image.media_type]}", 0), "", "no item shows this image"
            )


def illustrated[Item: (ItemRecord, ItemTextRecord)](
    items: Iterable[Item], content: Content
) -> tuple[Item, ...]:
    """Return items with the figures that their texts show, as far as they are there."""
    record = content.get(FiguresPart)
    figures: Mapping[str, FigureRecord] = record.figures if record else {}
    named = ((item, figure_names(*item.texts)) for item in items)
    return tuple(
        replace(item, figures=tuple(figures[name] for name in names if name in figures))
        for item, names in named
    )
