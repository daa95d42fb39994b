"""The record of acts: written with the act, never changed, readable after an erasure."""

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.audit import services as audit
from accounts.audit.models import AuditEntry
from accounts.users.models import User
from tests import roles

pytestmark = pytest.mark.django_db


def test_an_act_is_recorded_with_what_was_before_and_after(anna: User, bela: User) -> None:
    audit.record(actor=bela, action="close", subject=anna, reason="asked by mail", before={"active": True})
    audit.record(actor=None, action="open", subject=anna)
    audit.record(actor=bela, action="close", subject=bela)
    entries = list(audit.of(anna))
    assert [(one.action, one.actor) for one in entries] == [("open", None), ("close", bela)]
    assert (entries[1].before, entries[1].after, entries[1].reason) == ({"active": True}, {}, "asked by mail")


def test_an_act_that_is_undone_leaves_no_record(anna: User) -> None:
    with transaction.atomic():
        audit.record(actor=anna, action="close", subject=anna)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE accounts_auditentry SET reason = 'another'",
        "UPDATE accounts_auditentry SET actor_id = %(bela)s",
        "UPDATE accounts_auditentry SET at = at - interval '1 day'",
        "DELETE FROM accounts_auditentry",
    ],
)
def test_a_record_is_never_changed_whoever_tries(anna: User, bela: User, sql: str) -> None:
    audit.record(actor=anna, action="close", subject=anna)
    for error_class in ("42501", "23001"):
        with pytest.raises(DatabaseError) as error, transaction.atomic():
            if error_class == "42501":
                connection.cursor().execute(sql, {"bela": bela.pk})
            else:
                with roles.as_owner():
                    connection.cursor().execute(sql, {"bela": bela.pk})
        assert getattr(error.value.__cause__, "pgcode", "") == error_class


def test_an_erased_actor_becomes_nobody_and_the_record_stays(anna: User, bela: User) -> None:
    audit.record(actor=anna, action="close", subject=bela, reason="asked by mail")
    anna.delete()
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.reason) == (None, "asked by mail")


def test_what_is_about_a_person_is_found_by_indexes(anna: User) -> None:
    sql, values = audit.about(anna)[:11].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on accounts_auditentry" not in plan
    assert {"audit_of_subject", "audit_of_actor"} <= set(plan.split())
