"""What the pages of flashcards are called in a mail to somebody who was going there."""

from django.utils.translation import gettext as _

from flashcards.study import deck as decks
from i18n.addresses import match_of


def name_of(path: str) -> str:
    """Return the name of the deck whose page is at this path, or "" when it is another page or no deck."""
    match = match_of(path)
    if match is None or "flashcards" not in match.namespaces or not decks.exists(match.kwargs["code"]):
        return ""
    return _("%(code)s flashcards") % {"code": match.kwargs["code"].upper()}
