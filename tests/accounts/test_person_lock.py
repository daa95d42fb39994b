"""The lock of a person: one for everybody who needs it, and worth something only in a transaction."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import transaction

from accounts.users import person_lock
from accounts.users.models import User

ROOT = Path(__file__).parents[2]
# What else locks the row of a person would be a second truth about it.
OWN_LOCK = re.compile(r"accounts_user\s+WHERE[^\"]*FOR|\bUser\.objects\.select_for_update")


def test_nobody_locks_the_row_of_a_person_in_another_way() -> None:
    files = [
        one for app in ("accounts", "exams", "flashcards", "config") for one in (ROOT / app).rglob("*.py")
    ]
    found = {file.relative_to(ROOT).as_posix() for file in files if OWN_LOCK.search(file.read_text())}
    assert found == {"accounts/users/person_lock.py"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hold", [person_lock.hold, person_lock.hold_all])
def test_a_lock_that_would_be_over_at_once_is_an_error(anna: User, hold: Callable[[int], None]) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        hold(anna.pk)
