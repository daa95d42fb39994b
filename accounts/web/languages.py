"""In which language a person goes on: by the address, their choice, their profile, or their browser."""

from django.http import HttpRequest
from django.utils.translation import get_language_from_path

from accounts.profile import selectors as profiles
from accounts.profile.models import Profile
from accounts.users.models import User
from i18n import languages
from i18n.addresses import browser_language, chosen_language


def profile_language(user: object) -> str:
    """Return the language of this person's profile, or "" for a stranger or one who has none. One query."""
    if not isinstance(user, User):
        return ""
    return _language_of(profiles.of(user))


def _language_of(profile: Profile) -> str:
    """Return the language of a profile; a default that nobody has stored says nothing."""
    return "" if profile._state.adding else profile.ui_language


def home_language(request: HttpRequest) -> str:
    """Return the language for `/`: the chosen one, else that of the profile, else the browser's.

    A profile that was read goes with the request: the page needs it, too.
    """
    if chosen := chosen_language(request):
        return chosen
    if isinstance(request.user, User):
        request.profile = profiles.of(request.user)  # type: ignore[attr-defined]
        if found := _language_of(request.profile):  # type: ignore[attr-defined]
            return found
    return browser_language(request)


def language_to_go_on(request: HttpRequest, user: object) -> str:
    """Return the language after signing in or out: that of the page, unless nobody has chosen it.

    An address with a language was chosen, and so was that without one where a language link was followed.
    Else the profile of `user` decides.
    """
    named = get_language_from_path(request.path_info)
    if named or chosen_language(request):
        return named or languages.DEFAULT
    return profile_language(user) or languages.DEFAULT
