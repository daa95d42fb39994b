"""Every table has a class, and the site's role has exactly the rights of the classes: no more, no less."""

import pytest
from django.db import ProgrammingError, connection, models, transaction
from django.test.utils import isolate_apps

from accounts.audit.models import AuditEntry
from accounts.base import tables
from accounts.base.tables import TableClass
from config import grants
from config.grants import Grant
from exams.attempts.models import AnswerEvent
from exams.catalog.models import Certification
from tests import roles
from tests.factories import Form

pytestmark = pytest.mark.django_db


def unclassed() -> set[str]:
    """Tables of the database that no class stands for."""
    with connection.cursor() as cursor:
        return set(connection.introspection.table_names(cursor)) - set(grants.classes())


def run_as_owner(sql: str) -> None:
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_every_table_has_a_class_and_every_class_a_table() -> None:
    assert unclassed() == set()
    with connection.cursor() as cursor:
        assert set(grants.classes()) <= set(connection.introspection.table_names(cursor, include_views=True))


def test_every_model_of_ours_says_its_class_itself() -> None:
    ours = [one for one in tables.stored_models() if one._meta.app_label not in grants.FOREIGN_APPS]
    assert len(ours) > 20
    assert [one.__name__ for one in ours if tables.class_of(one) is None] == []


def test_a_table_without_a_class_is_found_and_gives_the_site_nothing() -> None:
    run_as_owner("CREATE TABLE fresh (id int)")
    assert unclassed() == {"fresh"}
    for sql in ("SELECT * FROM fresh", "INSERT INTO fresh VALUES (1)", "DELETE FROM fresh"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(sql)


@isolate_apps("accounts")
def test_a_model_without_a_class_has_none_even_when_its_parent_has() -> None:
    class Parent:
        table_class = tables.ROWS

    class Child(Parent, models.Model):
        class Meta:
            app_label = "accounts"

        def __str__(self) -> str:
            return ""

    assert tables.class_of(Child) is None


def test_the_site_has_exactly_the_rights_of_the_classes() -> None:
    assert grants.current_grants() == grants.declared_grants()


@pytest.mark.parametrize(
    ("sql", "too_many"),
    [
        ("GRANT DELETE ON exams_score TO passline_app", Grant("exams_score", "DELETE")),
        ("GRANT UPDATE (raw) ON exams_score TO passline_app", Grant("exams_score", "UPDATE", "raw")),
        # PostgreSQL takes the columns away together with the table, also those that the class gives.
        ("GRANT UPDATE ON exams_score TO passline_app", Grant("exams_score", "UPDATE")),
        ("GRANT TRUNCATE ON exams_attempt TO PUBLIC", Grant("exams_attempt", "TRUNCATE")),
    ],
)
def test_a_right_too_many_is_found_and_taken_away(sql: str, too_many: Grant) -> None:
    run_as_owner(sql)
    assert grants.current_grants() - grants.declared_grants() == {too_many}
    with roles.as_owner():
        grants.apply()
    assert grants.current_grants() == grants.declared_grants()


def test_a_right_that_is_missing_is_found_and_given() -> None:
    run_as_owner("REVOKE INSERT ON exams_answerevent FROM passline_app")
    assert grants.declared_grants() - grants.current_grants() == {Grant("exams_answerevent", "INSERT")}
    with roles.as_owner():
        assert grants.apply() == 1
        assert grants.apply() == 0


@pytest.mark.parametrize("model", [AnswerEvent, AuditEntry])
def test_a_row_of_an_insert_only_table_cannot_be_locked(model: type[models.Model]) -> None:
    """A lock needs UPDATE: code that locks such rows would work for the owner and fail for the site."""
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        list(model._default_manager.select_for_update())
    with roles.as_owner():
        list(model._default_manager.select_for_update())


def test_an_ordinary_row_can_be_locked(form: Form) -> None:
    with transaction.atomic():
        assert list(Certification.objects.select_for_update())


@pytest.mark.parametrize("table_class", [tables.INSERT_ONLY, tables.LOG, tables.kept("keep")])
def test_the_classes_for_history_let_nobody_change_or_nobody_delete(table_class: TableClass) -> None:
    assert not {"UPDATE", "DELETE"} <= table_class.rights


@isolate_apps("accounts")
def test_a_column_that_django_clears_is_the_only_one_that_may_be_updated() -> None:
    class Note(models.Model):
        table_class = tables.insert_only("actor_id", "other_id")
        actor = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
        other = models.ForeignKey("accounts.User", models.DB_SET_NULL, null=True, related_name="+")

        class Meta:
            app_label = "accounts"

        def __str__(self) -> str:
            return ""

    assert tables.cleared_by_us(Note, Note.table_class) == ["actor_id"]
