"""Making a person from code: demo accounts, tests, commands. The sign-up page is allauth's."""

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.users.addresses import normalized
from accounts.users.models import User


@transaction.atomic
def ensure(email: str, password: str | None = None, *, staff: bool = False, admin: bool = False) -> User:
    """Return the person with this address, verified, with these rights; make them when missing.

    A given password is set only on a new person, so that a second call never changes one.
    """
    # One mailbox is one account, in whatever case its address is written.
    user = User.objects.filter(email__iexact=normalized(email)).first()
    if user is None:
        user = User.objects.create_user(email, password)
    if (user.is_staff, user.is_superuser) != (staff or admin, admin):
        user.is_staff, user.is_superuser = staff or admin, admin
        user.save(update_fields=["is_staff", "is_superuser"])
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )
    return user
