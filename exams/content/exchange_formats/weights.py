"""What each option of an item is worth to systems that give credit for parts."""

from typing import Final

from exams.content.records import ItemRecord, OptionRecord

DIGITS: Final = 7
"""As many as those systems write: 33.33333."""


def weight_of(option: OptionRecord, item: ItemRecord) -> str:
    """Return the percentage: the keys share 100, and a wrong option takes all of it away."""
    keys = len(item.keys)
    if keys == 1:
        return "100" if option.correct else "0"
    return f"{100 / keys:.{DIGITS}g}" if option.correct else "-100"
