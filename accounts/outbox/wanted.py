"""Kinds of mails that may become untrue while they wait: who writes them says whether one is still wanted."""

from collections.abc import Callable

from accounts.base import hooks
from accounts.outbox.models import Mail


def is_still_wanted(mail: Mail) -> bool:
    """Say whether the mail should still be sent; True for kinds that nobody checks."""
    check: Callable[[Mail], bool] | None = hooks.by_key("mail_checks").get(mail.kind)
    return check is None or check(mail)
