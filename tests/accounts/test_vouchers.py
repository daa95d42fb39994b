"""Codes that give a product: what is stored of them, how they are read, what each refusal tells."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from accounts.access import entitlements, products, selectors, vouchers
from accounts.access.models import Entitlement, Redemption, State, Voucher, VoucherBatch
from accounts.access.policy import access_of
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.users.models import User
from tests.accounts import selling
from tests.accounts.vouchers import CODE, UNKNOWN, make_codes, make_expired_code, make_version

pytestmark = pytest.mark.django_db


def test_a_code_opens_what_its_product_opens_for_its_months(anna: User) -> None:
    [code] = make_codes(make_version())
    assert not access_of(anna, CODE)
    redeemed = vouchers.redeem(user=anna, voucher_code=code)
    [given] = redeemed.entitlements
    assert (given.code, redeemed.again) == (CODE, False)
    access = access_of(anna, CODE)
    assert (access.granted, access.until, access.source) == (True, given.ends_at, "voucher")
    assert given.ends_at == selling.after(given.starts_at)


def test_a_repeat_by_the_same_person_gives_the_same_and_adds_nothing(anna: User) -> None:
    [code] = make_codes(make_version(), uses=5)
    first = vouchers.redeem(user=anna, voucher_code=code)
    second = vouchers.redeem(user=anna, voucher_code=code)
    assert second.again
    assert list(second.entitlements) == list(first.entitlements)
    assert Entitlement.objects.count() == Redemption.objects.count() == 1


def test_a_repeat_is_answered_after_the_code_expired_or_was_used_up(anna: User, bela: User) -> None:
    [code] = make_codes(make_version(), uses=1)
    vouchers.redeem(user=anna, voucher_code=code)
    assert vouchers.redeem(user=anna, voucher_code=code).again
    with pytest.raises(Refused):
        vouchers.redeem(user=bela, voucher_code=code)


def test_a_voucher_gives_the_version_that_it_was_made_for(anna: User) -> None:
    version = make_version()
    [code] = make_codes(version)
    products.publish(version.product, codes=["cert:other"], months=12, prices={"EUR": 1})
    [given] = vouchers.redeem(user=anna, voucher_code=code).entitlements
    assert given.code == CODE


def outcome(user: User, code: str) -> tuple[str, int, str, dict[str, object], list[str]]:
    """What a person is told of a code that is refused, and which statements it took."""
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        pytest.raises(Refused) as refused,
    ):
        vouchers.redeem(user=user, voucher_code=code)
    shapes = [re.sub(r'"s\d.*|\(.*|\'.*', "", query["sql"]) for query in queries.captured_queries]
    error = refused.value
    return error.code, error.status, str(error), error.extra, shapes


def test_unknown_used_up_expired_and_what_cannot_be_a_code_are_refused_alike(anna: User, bela: User) -> None:
    version = make_version()
    [used] = make_codes(version)
    vouchers.redeem(user=bela, voucher_code=used)
    told = [outcome(anna, code) for code in (UNKNOWN, used, make_expired_code(version), "not a code", "\0")]
    assert told[0][:2] == ("invalid_voucher", 422)
    assert len(told[0][4]) >= 2
    assert all(one == told[0] for one in told)


def test_a_look_at_them_tells_the_same(anna: User, bela: User) -> None:
    version = make_version()
    [used] = make_codes(version)
    vouchers.redeem(user=bela, voucher_code=used)
    words = set()
    for code in (UNKNOWN, used, make_expired_code(version), "not a code"):
        with pytest.raises(Refused) as refused:
            vouchers.look_up(anna, code)
        words.add((refused.value.code, refused.value.status, str(refused.value)))
    assert len(words) == 1


def test_a_look_says_what_a_code_would_give_and_gives_nothing(anna: User) -> None:
    [code] = make_codes(make_version())
    promise = vouchers.look_up(anna, code)
    assert (promise.codes, promise.months, promise.redemption_id) == ((CODE,), 3, None)
    assert not Entitlement.objects.exists()
    vouchers.redeem(user=anna, voucher_code=code)
    assert vouchers.look_up(anna, code).redemption_id == Redemption.objects.get().pk


@pytest.mark.parametrize(
    "typed",
    [
        "PASS-7K3M-Q2XD-01TB-HN6W",
        "pass-7k3m-q2xd-01tb-hn6w",
        "7K3MQ2XD01TBHN6W",
        "  7k3m q2xd 01tb hn6w \n",
        "PASS 7K3M Q2XD 01TB HN6W",
        "pass7k3mq2xdoltbhn6w",
        "PASS-7K3M-Q2XD-OITB-HN6W",
        "PASS\u20137K3M\u2013Q2XD\u201301TB\u2013HN6W",
        "PASS\u20117K3M\u2011Q2XD\u201101TB\u2011HN6W",
        "PASS\u00a07K3M\u00a0Q2XD\u00a001TB\u00a0HN6W",
        "\ufeffPASS_7K3M_Q2XD_01TB_HN6W.",
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert vouchers.normalized(typed) == "7K3MQ2XD01TBHN6W"


@pytest.mark.parametrize(
    "typed",
    ["", "PASS", "7K3MQ2XD01TBHN6", "7K3MQ2XD01TBHN6WX", "7K3M-Q2XD-01TB-HN6U", "ÁÁÁÁ" * 4, "\0" * 16],
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert vouchers.normalized(typed) == ""


def test_a_code_that_begins_with_the_prefix_itself_is_read_whole() -> None:
    assert vouchers.normalized("PASS-AAAA-BBBB-CCCC") == "PASSAAAABBBBCCCC"
    assert vouchers.normalized(vouchers.written("PASSAAAABBBBCCCC")) == "PASSAAAABBBBCCCC"


def test_the_database_has_the_hash_of_a_code_and_its_last_characters_only() -> None:
    [code] = make_codes(make_version())
    plain = vouchers.normalized(code)
    stored = Voucher.objects.get()
    assert bytes(stored.code_sha256) == vouchers.digest(plain)
    assert stored.hint == plain[-4:]
    with connection.cursor() as cursor:
        for table in ("accounts_voucher", "accounts_voucherbatch", "accounts_auditentry"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            told = " ".join(row[0] for row in cursor.fetchall())
            assert plain[:12] not in told
            assert code[5:19] not in told


def test_codes_of_a_batch_differ_and_have_80_bits() -> None:
    codes = make_codes(make_version(), count=200)
    assert len(set(codes)) == 200
    assert all(len(vouchers.normalized(code)) * 5 == 80 for code in codes)


def test_a_batch_is_in_the_audit_and_its_size_is_bounded(anna: User) -> None:
    version = make_version()
    batch, _ = vouchers.create_batch(actor=anna, version=version, count=2, uses=3, note="A fair")
    entry = AuditEntry.objects.get(action="voucher.create")
    assert (entry.actor, entry.subject_id, entry.reason) == (anna, str(batch.pk), "A fair")
    for count in (0, vouchers.BATCH_MAX + 1):
        with pytest.raises(ValueError):
            vouchers.create_batch(actor=anna, version=version, count=count)


def test_a_batch_that_would_be_expired_is_refused(anna: User) -> None:
    version = make_version()
    with pytest.raises(Refused) as refused:
        vouchers.create_batch(actor=anna, version=version, count=1, expires_at=entitlements.now())
    assert refused.value.code == "in_the_past"
    assert not VoucherBatch.objects.exists()


# --- What a person was given ---------------------------------------------------------------------------
def test_what_runs_begins_later_and_ended_is_told_apart(anna: User, bela: User) -> None:
    version = make_version()
    first, second = make_codes(version, count=2)
    [running] = vouchers.redeem(user=anna, voucher_code=first).entitlements
    [later] = vouchers.redeem(user=anna, voucher_code=second).entitlements
    ended = Entitlement.objects.create(
        user=anna,
        code=CODE,
        starts_at=Now() - timedelta(days=9),
        ends_at=Now() - timedelta(days=1),
        source="grant",
        source_id="old",
    )
    assert [(one.pk, one.state) for one in selectors.entitlements_of(anna)] == [
        (later.pk, State.UPCOMING),
        (running.pk, State.RUNNING),
        (ended.pk, State.ENDED),
    ]
    assert [one.pk for one in selectors.entitlements_of(anna, [ended.pk])] == [ended.pk]
    assert selectors.entitlements_of(anna, []) == selectors.entitlements_of(bela, [ended.pk]) == []


def test_what_was_ended_early_ends_then_and_what_was_ended_before_it_began_never_runs(anna: User) -> None:
    first, second = make_codes(make_version(), count=2)
    given = [vouchers.redeem(user=anna, voucher_code=code).entitlements[0] for code in (first, second)]
    endings = entitlements.end(given, at=None, actor=None, reason="Refunded")
    held = {one.pk: one for one in selectors.entitlements_of(anna)}
    for one, ending in zip(given, endings, strict=True):
        assert (held[one.pk].state, held[one.pk].ends_at) == (State.ENDED, ending.ends_at)


def test_a_grant_is_given_and_recorded_once_however_often_the_button_is_pressed(
    anna: User, bela: User
) -> None:
    version, number = make_version(), uuid4()
    for _ in range(2):
        given = entitlements.grant(
            actor=bela, user=anna, version=version, months=7, reason="Our mistake", grant_id=number
        )
    assert Entitlement.objects.get() == given[0]
    assert timedelta(days=209) <= given[0].ends_at - given[0].starts_at <= timedelta(days=216)
    entry = AuditEntry.objects.get(action="entitlement.grant")
    assert (entry.actor, entry.subject_id, entry.reason) == (bela, str(anna.pk), "Our mistake")


def test_what_has_ended_is_not_ended_again(anna: User) -> None:
    [code] = make_codes(make_version())
    [given] = vouchers.redeem(user=anna, voucher_code=code).entitlements
    entitlements.end_now(actor=None, entitlement_id=given.pk, reason="Asked for it")
    assert not access_of(anna, CODE)
    with pytest.raises(Refused) as refused:
        entitlements.end_now(actor=None, entitlement_id=given.pk, reason="Asked for it")
    assert refused.value.code == "already_ended"
    assert given.ends.count() == AuditEntry.objects.filter(action="entitlement.end").count() == 1


def test_nobody_redeems_a_code_of_a_batch_that_they_made(anna: User, bela: User) -> None:
    _batch, [mine, used] = vouchers.create_batch(actor=anna, version=make_version(), count=2)
    for act in (lambda: vouchers.redeem(user=anna, voucher_code=mine), lambda: vouchers.look_up(anna, mine)):
        with pytest.raises(Refused) as refused:
            act()
        assert (refused.value.code, refused.value.status) == ("own_voucher", 409)
        assert "You created this code" in str(refused.value)
    assert not Redemption.objects.exists()
    assert not access_of(anna, CODE)
    # A colleague may, and of what is used up its maker is told no more than anybody.
    assert vouchers.redeem(user=bela, voucher_code=used).entitlements
    with pytest.raises(Refused) as refused:
        vouchers.redeem(user=anna, voucher_code=used)
    assert refused.value.code == "invalid_voucher"
