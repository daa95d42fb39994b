"""Values of YAML that only the files of tools have: numbers with decimal places, texts that may be blank."""

import re
from typing import Final

from exams.content.formats.tree import Branch

FRACTION: Final = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,6})?")


def decimal(branch: Branch) -> float:
    """Return a number that may have decimal places."""
    digits = branch.scalar("a number", "int", "float")
    if digits is not None and not FRACTION.fullmatch(digits):
        branch.complain(f"expected a number such as -12.5, found {digits[:20]}")
        return 0.0
    return float(digits or 0)


def decimals(branch: Branch) -> tuple[float, ...]:
    """Return a list of numbers."""
    return tuple(map(decimal, branch.rows()))


def is_blank(branch: Branch) -> bool:
    """Tell whether the value is null or an empty text."""
    return branch.is_null() or branch.silent().scalar("text", "str") == ""
