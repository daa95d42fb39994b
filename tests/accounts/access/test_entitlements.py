"""What is given stacks, once for each source, and stays as it was; what is ended is in the audit."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Model

from accounts.access import entitlements
from accounts.access.models import (
    EVERYTHING,
    Entitlement,
    EntitlementEnd,
    Price,
    ProductVersion,
    Redemption,
    Source,
    Voucher,
    VoucherBatch,
)
from accounts.access.periods import add_months
from accounts.access.policy import Reason, access_of
from accounts.audit import services as audit
from accounts.audit.models import AuditEntry
from accounts.users import person_lock
from accounts.users.models import User
from tests import roles
from tests.accounts.access.shop import CODE, make_version, now, run
from tests.exams.attempts.helpers import replace_sql
from tests.flows.crew import parallel
from tests.flows.dropped import dropped

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
OTHER = "cert:other"
KEPT = [Entitlement, EntitlementEnd, Price, ProductVersion, Redemption, Voucher, VoucherBatch]


def zone() -> ZoneInfo:
    return ZoneInfo(settings.SITE_ZONE)


def test_what_is_given_begins_now_and_lasts_months_of_the_calendar(anna: User) -> None:
    before = now()
    (given,) = entitlements.give(anna, make_version(), Source.PURCHASE, "1")
    assert before <= given.starts_at <= now()
    assert given.ends_at == add_months(given.starts_at, 3, zone())
    assert access_of(anna, CODE).until == given.ends_at


def test_the_second_three_months_begin_at_the_end_of_the_first(anna: User) -> None:
    version = make_version()
    (first,) = entitlements.give(anna, version, Source.PURCHASE, "1")
    (second,) = entitlements.give(anna, version, Source.VOUCHER, "1")
    assert second.starts_at == first.ends_at
    assert access_of(anna, CODE).until == add_months(first.ends_at, 3, zone())


def test_each_code_stacks_for_itself(anna: User) -> None:
    (first,) = entitlements.give(anna, make_version(), Source.PURCHASE, "1")
    both = entitlements.give(anna, make_version(CODE, OTHER, slug="both"), Source.PURCHASE, "2")
    starts = {one.code: one.starts_at for one in both}
    assert starts[CODE] == first.ends_at
    assert starts[OTHER] < first.ends_at


def test_what_is_bought_beside_a_subscription_begins_now(anna: User) -> None:
    run(anna, -DAY, 20 * DAY, source=Source.SUBSCRIPTION)
    (given,) = entitlements.give(anna, make_version(), Source.PURCHASE, "1")
    assert given.starts_at <= now()


def test_what_is_bought_after_an_early_end_begins_now(anna: User) -> None:
    version = make_version()
    first = entitlements.give(anna, version, Source.PURCHASE, "1")
    entitlements.end(first, at=None, actor=None, reason="refund")
    (second,) = entitlements.give(anna, version, Source.PURCHASE, "2")
    assert second.starts_at < first[0].ends_at
    assert second.starts_at <= now()
    assert access_of(anna, CODE).until == second.ends_at


def test_what_another_person_has_is_no_matter(anna: User, bela: User) -> None:
    version = make_version()
    entitlements.give(bela, version, Source.PURCHASE, "1")
    (given,) = entitlements.give(anna, version, Source.PURCHASE, "2")
    assert given.starts_at <= now()


def test_a_repeat_with_the_same_source_gives_the_same_rows(anna: User) -> None:
    version = make_version(CODE, OTHER)
    first = entitlements.give(anna, version, Source.PURCHASE, "1")
    again = entitlements.give(anna, version, Source.PURCHASE, "1")
    assert [one.pk for one in again] == [one.pk for one in first]
    assert Entitlement.objects.count() == 2
    entitlements.give(anna, version, Source.VOUCHER, "1")
    assert Entitlement.objects.count() == 4


def test_an_old_version_gives_what_it_said_when_it_was_sold(anna: User) -> None:
    sold = make_version(months=3)
    make_version(OTHER, months=1)
    (given,) = entitlements.give(anna, sold, Source.PURCHASE, "1")
    assert (given.code, given.ends_at) == (CODE, add_months(given.starts_at, 3, zone()))


def test_an_end_is_in_the_audit_with_who_and_why(anna: User, bela: User) -> None:
    given = entitlements.give(anna, make_version(), Source.GRANT, "1")
    (ending,) = entitlements.end(given, at=None, actor=bela, reason="granted by mistake")
    entry = AuditEntry.objects.get(action="entitlement.end")
    assert (entry.actor, entry.reason) == (bela, "granted by mistake")
    assert entry.after == {"ends_at": ending.ends_at.isoformat()}
    assert access_of(anna, CODE).reason == Reason.ENDED


def test_ends_of_several_are_all_stored_or_none(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    given = entitlements.give(anna, make_version(CODE, OTHER), Source.GRANT, "1")
    recorded = iter([None])

    def record(**_values: object) -> None:
        next(recorded)

    monkeypatch.setattr(audit, "record", record)
    with pytest.raises(StopIteration):
        entitlements.end(given, at=None, actor=None, reason="x")
    assert not EntitlementEnd.objects.exists()


# --- Two at once --------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_purchases_paid_at_once_give_six_months(anna: User) -> None:
    assert gap_or_overlap(anna, rounds=10) == 0


@pytest.mark.controls
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_of_the_person_three_of_the_six_months_are_lost(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")
    assert gap_or_overlap(anna, rounds=50) > 0


def gap_or_overlap(user: User, rounds: int) -> int:
    """Give twice at once, up to so many rounds; return how many did not come to six months."""
    version = make_version(CODE)
    for number in range(rounds):
        sources = iter([f"{number}-a", f"{number}-b"])
        with roles.as_owner(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE accounts_entitlement CASCADE")
        made = parallel(2, lambda: entitlements.give(user, version, Source.PURCHASE, next(sources)))  # noqa: B023
        assert all(isinstance(one, list) for one in made), made
        first, second = sorted((one for (one,) in made), key=lambda one: one.ends_at)
        if second.starts_at != first.ends_at:
            return 1
    return 0


@pytest.mark.django_db(transaction=True)
def test_20_repeats_of_one_purchase_at_once_give_it_once(anna: User) -> None:
    version = make_version(CODE, OTHER)
    made = parallel(20, lambda: entitlements.give(anna, version, Source.PURCHASE, "1"))
    assert {tuple(one.pk for one in rows) for rows in made} == {
        tuple(Entitlement.objects.order_by("code").values_list("pk", flat=True))
    }
    assert Entitlement.objects.count() == 2


@pytest.mark.controls
@pytest.mark.django_db(transaction=True)
def test_without_lock_and_unique_key_one_purchase_gives_several_times(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = make_version()
    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")
    made = parallel(20, lambda: entitlements.give(anna, version, Source.PURCHASE, "1"))
    assert Entitlement.objects.count() == 1  # the key alone holds the line
    assert all(isinstance(one, list | IntegrityError) for one in made), made
    with dropped("accounts_entitlement", "entitlement_once", emptied=("accounts_entitlement",)):
        for number in range(2, 12):
            parallel(20, lambda: entitlements.give(anna, version, Source.PURCHASE, str(number)))  # noqa: B023
            if Entitlement.objects.filter(source_id=str(number)).count() > 1:
                return
        pytest.fail("no purchase was given twice")


# --- Rows that stay as they were ----------------------------------------------------------------------
def one_of_each(user: User) -> None:
    version = make_version()
    entitlements.end(
        entitlements.give(user, version, Source.GRANT, "1"), at=None, actor=user, reason="a mistake"
    )
    batch = VoucherBatch.objects.create(version=version, uses=1, created_by=user)
    voucher = Voucher.objects.create(batch=batch, code_sha256=b"x" * 32, hint="WXYZ")
    Redemption.objects.create(voucher=voucher, user=user, number=1)


def change(table: str, column: str) -> str:
    return f"UPDATE {table} SET {column} = {column} + 1"


def delete(table: str, _column: str) -> str:
    return f"DELETE FROM {table}"


@pytest.mark.parametrize("act", [change, delete])
@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_what_was_sold_and_given_can_be_neither_changed_nor_deleted(
    anna: User, model: type[Model], act: Callable[[str, str], str]
) -> None:
    one_of_each(anna)
    sql = act(model._meta.db_table, str(model._meta.pk.column))
    # A role without any right to UPDATE is refused by the right, one that may clear a column by it too.
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(sql)
    with pytest.raises(DatabaseError, match="it is kept as it was"), roles.as_owner(), transaction.atomic():
        connection.cursor().execute(sql)
    assert model._default_manager.count() == 1 or model is Price


@pytest.mark.parametrize(
    ("model", "column"),
    [
        (Entitlement, "user"),
        (EntitlementEnd, "actor"),
        (VoucherBatch, "created_by"),
        (Redemption, "user"),
    ],
)
def test_only_the_name_of_a_person_may_be_taken_out(
    anna: User, bela: User, model: type[Model], column: str
) -> None:
    one_of_each(anna)
    with pytest.raises(DatabaseError, match="it is kept as it was"), transaction.atomic():
        model._default_manager.update(**{column: bela})
    assert model._default_manager.filter(**{column: anna}).update(**{column: None}) == 1


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"source": "gift"}, "entitlement_source_known"),
        ({"starts_at": None}, "entitlement_ends_after_start"),
    ],
)
def test_the_database_refuses_an_entitlement_that_cannot_be(
    anna: User, changes: dict[str, object], constraint: str
) -> None:
    given = Entitlement(
        user=anna, code=EVERYTHING, starts_at=now(), ends_at=now() + DAY, source="grant", source_id="1"
    )
    for name, value in changes.items():
        setattr(given, name, value or given.ends_at)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        given.save(force_insert=True)
