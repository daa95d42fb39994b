"""Gatherer: what Django looks for. Code imports from the packages, never from here."""

from accounts.profile.models import Profile
from accounts.users.models import ApiToken, User

__all__ = ["ApiToken", "Profile", "User"]
