"""Who finds a certification that is not on the site yet: staff who work on content, and nobody else.

They take its exams without access, to see what candidates will see. From the day on which it is on the site,
the same rules hold for everybody.
"""

from collections.abc import Collection, Sequence
from typing import Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from accounts.users.models import User
from exams.catalogue.models import Certification

SEES: Final = "exams.view_draft"
PREFIX: Final = "cert:"

type Person = AbstractBaseUser | AnonymousUser | None


def sees_unlisted(person: Person) -> bool:
    """Tell whether somebody finds what is not on the site yet."""
    return isinstance(person, User) and person.is_staff and person.has_perm(SEES)


def sees(person: Person, certification: Certification) -> bool:
    """Tell whether somebody finds a certification; nobody does before its facts are published."""
    return certification.is_listed or (certification.is_written and sees_unlisted(person))


def opened_to(person: User, codes: Sequence[str]) -> Collection[str]:
    """Return which access codes are open to somebody since they are of what is not on the site yet.

    One statement, and those that read the rights of the person; none but the rights for others.
    """
    if not sees_unlisted(person):
        return ()
    named = [code.removeprefix(PREFIX) for code in codes if code.startswith(PREFIX)]
    rows = Certification.objects.filter(code__in=named, is_listed=False)
    return [row.access_code for row in rows]
