"""A row by its key is the row that the ORM would read."""

import pytest
from django.contrib.auth.models import Group
from django.forms import model_to_dict

from accounts.base import by_key
from accounts.profile.models import Profile
from accounts.users.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [User, Profile])
def test_a_row_read_by_its_key_is_as_the_orm_reads_it(anna: User, model: type[User] | type[Profile]) -> None:
    Profile.objects.update_or_create(user=anna, defaults={"time_zone": "Europe/Budapest"})
    found, same = by_key.find(model, anna.pk), model._base_manager.filter(pk=anna.pk).get()
    assert found == same
    assert found is not None
    names = [field.attname for field in model._meta.concrete_fields]
    assert [getattr(found, name) for name in names] == [getattr(same, name) for name in names]
    assert not found._state.adding
    assert found._state.db == same._state.db
    assert model_to_dict(found) == model_to_dict(same)


def test_a_key_that_is_not_there_finds_nothing(anna: User) -> None:
    assert by_key.find(User, anna.pk + 1) is None
    with pytest.raises(User.DoesNotExist):
        User.objects.get(pk=anna.pk + 1)


def test_a_group_finds_only_its_own_people_by_key(anna: User) -> None:
    group = Group.objects.create(name="authors of one")
    group.user_set.add(other := make_user())
    assert group.user_set.get(pk=other.pk) == other
    with pytest.raises(User.DoesNotExist):
        group.user_set.get(pk=anna.pk)
