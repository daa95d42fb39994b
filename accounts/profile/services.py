"""Changing preferences: one write, called by the page, the sign-up and the admin."""

from typing import Any

from django.db import transaction

from accounts.profile.models import Profile
from accounts.users.models import User


@transaction.atomic
def update(user: User, **changes: Any) -> Profile:  # noqa: ANN401
    """Change preferences of `user` and return them; makes the row when there is none yet.

    `changes` are fields of Profile by name. Raises ValidationError for a value that is not allowed,
    TypeError for a field that does not exist.
    """
    unknown = changes.keys() - {field.name for field in Profile._meta.fields if field.name != "user"}
    if unknown:
        raise TypeError(f"Profile has no {', '.join(sorted(unknown))}")
    profile, _ = Profile.objects.select_for_update().get_or_create(user=user)
    for name, value in changes.items():
        setattr(profile, name, value)
    profile.full_clean(exclude=["user"])
    profile.save()
    return profile
