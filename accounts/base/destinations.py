"""What pages of the site are called, for mails that lead there."""

from accounts.base import hooks
from i18n.addresses import match_of


def name_of(path: str) -> str:
    """Return the name of the page at this path in the active language, or "" when nobody names it.

    `path` begins with a slash and may carry a query.
    """
    match = match_of(path) if path else None
    return next((name for hook in hooks.registered("page_names") if match and (name := hook(match))), "")
