"""The part with the figures and the table of its images. Drawings are stored with their texts."""

from collections.abc import Collection, Mapping, Sequence

from exams.bank import services as bank
from exams.bank.drafts import CannotPublish
from exams.content.figures import FiguresPart, FiguresRecord
from exams.content.parts import Content
from exams.content.records import FormatError, Place, Problem
from exams.exchange.parts import StoredPart
from exams.exchange.steps import ImageStep, Step
from exams.publication.models import PublishLog


class StoredFiguresPart(FiguresPart, StoredPart[FiguresRecord]):
    """Images are kept for ever once they are there, so none is taken out again."""

    def plan(self, record: FiguresRecord, content: Content, take: Collection[str]) -> Sequence[Step]:
        """Return the images that the bank does not have."""
        known = bank.rasters(record.images.keys())
        return [ImageStep(image) for name, image in record.images.items() if name not in known]

    def apply(self, step: Step, code: str, log: PublishLog) -> None:
        """Store one image. Raises FormatError where another one has its name."""
        if not isinstance(step, ImageStep):
            return
        try:
            bank.store_images([step.picture])
        except CannotPublish as error:
            raise FormatError((Problem(Place(f"figures/{step.picture.name}", 0), "", str(error)),)) from error

    def write(self, code: str) -> Mapping[str, bytes]:
        """Return nothing: whoever writes items writes what they show beside them."""
        return {}
