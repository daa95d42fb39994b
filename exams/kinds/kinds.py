"""One class for each kind of question, and `KINDS`, the only list of them.

An answer is a set of options of the question. Whoever lists or compares kinds asks here: rules and files,
papers and pages, scores, and the formats of other systems.
"""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import ClassVar, Final

CONTEXT: Final = "question type"
"""The context of the labels in the message catalogs."""


def pgettext(context: str, message: str) -> str:
    """Mark a text for the catalogs: pages translate it, since nothing here knows a framework."""
    return message


gettext_noop: Final[Callable[[str], str]] = lambda message: message  # noqa: E731  (marks, as above)


class Progress(StrEnum):
    """How far a question is answered."""

    UNANSWERED = "unanswered"
    INCOMPLETE = "incomplete"
    """Something is chosen, and not as many options as the question asks for: such an answer is incorrect."""
    ANSWERED = "answered"


class Kind:
    """How a question is answered, judged, shown and carried. Its subclasses are the kinds."""

    name: ClassVar[str]
    """In files, tables and the API."""
    label: ClassVar[str]
    short: ClassVar[str]
    """The label in lists of the admin."""
    key_rule: ClassVar[str]
    """What authors read where `takes` is broken."""
    one_answer: ClassVar[bool] = True
    input: ClassVar[str] = "radio"
    """The type of the field of an option."""
    says_number: ClassVar[bool] = False
    """Whether pages say how many options to choose."""
    cardinality: ClassVar[str] = "single"
    """What QTI calls the answer."""
    losses: ClassVar[Mapping[str, str]] = {}
    """What formats of other systems do not keep: the code of the loss by the name of the format."""

    def takes(self, choose: int) -> bool:
        """Tell whether a question may have so many keys, which is how many options are chosen."""
        return choose == 1

    @staticmethod
    def is_complete(chosen: Collection[object], choose: int) -> bool:
        """Tell whether an answer is a whole one."""
        return len(chosen) == choose

    @staticmethod
    def progress(chosen: Collection[object], choose: int) -> Progress:
        """Return how far a question is answered; `progress` of the script of the exam page says the same."""
        if not chosen:
            return Progress.UNANSWERED
        return Progress.ANSWERED if Kind.is_complete(chosen, choose) else Progress.INCOMPLETE

    @staticmethod
    def accepts(chosen: Collection[int], options: Collection[int], choose: int) -> bool:
        """Tell whether an answer is correct: all or nothing, `choose` options, each among `options`.

        Of all kinds alike: a score knows the key of a version and not its kind. One that is judged otherwise
        needs its name in `exams.scoring.rules.Key`, and a new revision of those rules.
        """
        unique = set(chosen)
        return bool(unique) and Kind.is_complete(unique, choose) and unique.issubset(options)


class SingleChoice(Kind):
    """One option is correct."""

    name = "single"
    label = pgettext("question type", "Single answer")
    short = gettext_noop("Single")
    key_rule = gettext_noop("A single-answer question has one key.")


class MultipleChoice(Kind):
    """Two or more options are correct, and the page says how many."""

    name = "multiple"
    label = pgettext("question type", "Multiple answers")
    short = gettext_noop("Multiple")
    key_rule = gettext_noop("A multiple-response question has two keys or more.")
    one_answer = False
    input = "checkbox"
    says_number = True
    cardinality = "multiple"
    # Both give credit for each correct option when a file says no more than which are.
    losses: ClassVar[Mapping[str, str]] = {"gift": "written_partial", "moodle": "written_partial"}

    def takes(self, choose: int) -> bool:
        """Tell whether a question may have so many keys."""
        return choose > 1


KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in (SingleChoice(), MultipleChoice())}
NAMES: Final = tuple(KINDS)
FIRST: Final = NAMES[0]
"""The kind with which a new question begins."""


def of_keys(count: int) -> str:
    """Return the kind of a question of which only the number of keys is known."""
    return next((kind.name for kind in KINDS.values() if kind.takes(count)), NAMES[1])


def has_one_answer(name: str) -> bool:
    """Tell whether one option is chosen; not in a kind that nobody knows."""
    return name in KINDS and KINDS[name].one_answer
