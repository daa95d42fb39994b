"""The parts of a certification's folder as the settings list them, and those that are stored."""

from abc import abstractmethod
from collections.abc import Collection, Container, Mapping, Sequence
from functools import singledispatch
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from exams.content.parts import Content, Part
from exams.content_sync.operations import Operation
from exams.publication.models import PublishLog


class StoredPart[Record](Part[Record]):
    """A part that has tables: it plans operations; those of all parts are one transaction."""

    @abstractmethod
    def plan(self, record: Record, content: Content, overwrite: Container[str]) -> Sequence[Operation]:
        """Compare the files with what is stored.

        What did not come from files is left alone, by a SkippedOperation, unless `overwrite` has its name.
        Raises FormatError where the files cannot be published.
        """

    def names(self, record: Record, content: Content) -> Collection[str]:
        """Return what `overwrite` may name of this part, in the files or stored; items are known anyway."""
        return ()

    @abstractmethod
    def write(self, code: str) -> Mapping[str, bytes]:
        """Return the files of what is stored, by name: loaded again, they change nothing."""


@singledispatch
def apply(operation: Operation, code: str, log: PublishLog) -> None:
    """Carry out one operation of a plan for the certification of this code; parts register what is theirs.

    What it publishes names `log`. Raises CannotPublish.
    """
    raise NotImplementedError(type(operation))


def content_parts() -> tuple[Part[Any], ...]:
    """Return the parts of the settings, in their order."""
    return tuple(import_string(name)() for name in settings.CONTENT_PARTS)
