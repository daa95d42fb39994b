"""What import and export could not carry, and what is wrong with a file, in the reader's language."""

from django.utils.translation import gettext

from exams.content.exchange_formats.messages import FAULTS, LOSSES
from exams.content.exchange_formats.shape import Fault, Loss
from exams.content.records import Problem


def sentence(entry: Loss | Problem) -> str:
    """Return what happened, without its place.

    Problems of the readers of our own files have no code: they are in English, as everywhere.
    """
    if isinstance(entry, Loss):
        return gettext(LOSSES[entry.code]) % dict(entry.values)
    if isinstance(entry, Fault):
        return gettext(FAULTS[entry.code]) % dict(entry.values)
    return entry.message
