"""What the pages of flashcards are called in a mail to somebody who was going there."""

from django.urls import Resolver404, resolve
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _

from flashcards.study import deck as decks
from i18n import languages


def name_of(path: str) -> str:
    """Return the name of the deck whose page is at this path, or "" when it is another page or no deck."""
    address = path.partition("?")[0]
    with override(get_language_from_path(address) or languages.DEFAULT):
        try:
            match = resolve(address)
        except Resolver404:
            return ""
    if "flashcards" not in match.namespaces or not decks.exists(match.kwargs["code"]):
        return ""
    return _("%(code)s flashcards") % {"code": match.kwargs["code"].upper()}
