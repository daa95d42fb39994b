"""What pages of the site are called, for mails that lead there."""

from accounts.base import hooks


def name_of(path: str) -> str:
    """Return the name of the page at this path in the active language, or "" when nobody names it.

    `path` begins with a slash and may carry a query.
    """
    return next((name for hook in hooks.registered("page_names") if path and (name := hook(path))), "")
