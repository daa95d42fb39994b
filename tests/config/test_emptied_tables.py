"""What tests that commit leave behind: nothing of theirs, and all that every migration fills."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from accounts.users.models import User
from tests import factories, roles

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _where_they_stand() -> None:
    if not roles.may_set_triggers_aside():
        pytest.skip("this server's role may only empty all tables at once")


def test_emptied_tables_keep_the_roles_that_every_migration_makes() -> None:
    before = set(Group.objects.values_list("pk", "name"))
    factories.make_user("anna@example.org")
    connection.ops.execute_sql_flush([])
    assert not User.objects.exists()
    assert before
    assert set(Group.objects.values_list("pk", "name")) == before


def test_a_test_that_commits_a_change_of_what_stands_for_all_is_told() -> None:
    connection.ops.execute_sql_flush([])
    group = Group.objects.create(name="lantern keepers")
    with pytest.raises(AssertionError, match="stands for all"):
        connection.ops.execute_sql_flush([])
    group.delete()
