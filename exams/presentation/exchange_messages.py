"""What import and export could not carry, and what is wrong with a file, in the reader's language."""

from django.utils.translation import gettext

from exams.content.exchange_formats.messages import FAULTS, LOSSES
from exams.content.exchange_formats.shape import Fault, Loss
from exams.content.records import Problem


def sentence(one: Loss | Problem) -> str:
    """Return what happened, without its place.

    Problems of the readers of our own files have no code: they are in English, as everywhere.
    """
    if isinstance(one, Loss):
        return gettext(LOSSES[one.code]) % dict(one.values)
    if isinstance(one, Fault):
        return gettext(FAULTS[one.code]) % dict(one.values)
    return one.message
