"""In which language a person goes on: by the address, their choice, their profile, or their browser."""

from django.http import HttpRequest
from django.utils.translation import get_language_from_path

from accounts.profile.models import Profile
from accounts.users.models import User
from i18n import languages
from i18n.addresses import browser_language, chosen_language


def profile_language(user: object) -> str:
    """Return the language of this person's profile, or "" for a stranger or one who has none. One query."""
    if not isinstance(user, User):
        return ""
    row = Profile.objects.filter(user_id=user.pk).values_list("ui_language", flat=True).first()
    return row or ""


def home_language(request: HttpRequest) -> str:
    """Return the language for `/`: the chosen one, else that of the profile, else the browser's."""
    return chosen_language(request) or profile_language(request.user) or browser_language(request)


def language_to_go_on(request: HttpRequest, user: object) -> str:
    """Return the language after signing in or out: that of the page, unless nobody has chosen it.

    An address with a language was chosen, and so was that without one where a language link was followed.
    Else the profile of `user` decides.
    """
    named = get_language_from_path(request.path_info)
    if named or chosen_language(request):
        return named or languages.DEFAULT
    return profile_language(user) or languages.DEFAULT
