"""Kinds of mails that may become untrue while they wait: who writes them says whether one is still wanted."""

from collections.abc import Callable
from typing import Final

from accounts.outbox.models import Mail

type Check = Callable[[Mail], bool]

_checks: Final[dict[str, Check]] = {}


def register(kind: str, check: Check) -> None:
    """Have `check` asked just before a mail of this kind is sent; one that is not wanted is deleted.

    Called in AppConfig.ready. Raises ValueError when another check is asked already.
    """
    if _checks.setdefault(kind, check) != check:
        raise ValueError(f"two checks for mails of kind {kind!r}")


def is_still_wanted(mail: Mail) -> bool:
    """Say whether the mail should still be sent; True for kinds that nobody checks."""
    check = _checks.get(mail.kind)
    return check is None or check(mail)
