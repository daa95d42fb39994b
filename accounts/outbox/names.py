"""What people call the kinds of mails."""

from accounts.base import hooks
from accounts.base.errors import Text


def name_of(kind: str) -> Text:
    """Return the name of a kind, or the kind itself where nobody named it."""
    name: Text = hooks.by_key("mail_names").get(kind, kind)
    return name
