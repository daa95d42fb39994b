"""May this person open that? The one place where it is decided.

For now everyone whose email address is verified may open everything. When products are sold, this
function looks for an entitlement to the code; nobody who calls it has to change.
"""

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser

from accounts.users.models import User


def has_access(user: User | AnonymousUser, code: str) -> bool:
    """Say whether `user` may open what `code` names, such as `cert:mls-c01`. At most one query."""
    if user.pk is None or not code:
        return False
    return bool(EmailAddress.objects.filter(user_id=user.pk, user__is_active=True, verified=True).exists())
