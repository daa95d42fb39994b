"""The parts of a certification's folder as the settings list them, and those that are stored."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from exams.content.parts import Content, Part
from exams.exchange.steps import Step
from exams.publication.models import PublishLog


class StoredPart[Record](Part[Record]):
    """A part that has tables: it plans steps and carries them out, in one transaction with the others."""

    @abstractmethod
    def plan(self, record: Record, content: Content, take: Collection[str]) -> Sequence[Step]:
        """Compare the files with what is stored.

        What did not come from files is left alone, by a LeftStep, unless `take` has its name. Raises
        FormatError where the files cannot be published.
        """

    @abstractmethod
    def write(self, code: str) -> Mapping[str, bytes]:
        """Return the files of what is stored, by name: loaded again, they change nothing."""

    @abstractmethod
    def apply(self, step: Step, code: str, log: PublishLog) -> None:
        """Carry out one step of the plan for the certification of this code.

        What it publishes names `log`. Raises FormatError.
        """


def content_parts() -> tuple[Part[Any], ...]:
    """Return the parts of the settings, in their order."""
    return tuple(import_string(name)() for name in settings.CONTENT_PARTS)
