"""`python -m tools.rehearse.wide.people COUNT`: make people who take exams by the API; print their tokens."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from allauth.account.models import EmailAddress  # noqa: E402

from accounts.users import tokens  # noqa: E402
from accounts.users.models import User  # noqa: E402


def make(count: int) -> list[str]:
    """Return the token of each."""
    people = User.objects.bulk_create(
        [User(email=f"wide{number}@example.org", password="!") for number in range(count)]
    )
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in people]
    )
    return [tokens.issue(person) for person in people]


if __name__ == "__main__":
    print("\n".join(make(int(sys.argv[1]))))
