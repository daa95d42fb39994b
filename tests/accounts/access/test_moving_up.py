"""When what somebody waits behind ends early, they move up: no day is lost, and none is given."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import entitlements, periods, selectors
from accounts.access.models import GRACE, EffectiveEntitlement, Entitlement, Source, State
from accounts.access.periods import Period
from accounts.access.policy import Reason, access_of
from accounts.audit.models import AuditEntry
from accounts.users import person_lock
from accounts.users.models import User
from tests import roles
from tests.accounts.access.shop import CODE, make_bundle, make_version, now, run
from tests.exams.attempts.helpers import replace_sql
from tests.flows.crew import Crew

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
START = datetime(2026, 11, 27, 12, tzinfo=UTC)


def bought(user: User, count: int) -> list[Entitlement]:
    """Give three months so many times."""
    version = make_version()
    return [one for n in range(count) for one in entitlements.give(user, version, Source.PURCHASE, f"pi_{n}")]


def standing(user: User) -> list[EffectiveEntitlement]:
    """Return what counts and is not over, in order."""
    found = [one for one in selectors.entitlements_of(user) if one.state != State.ENDED]
    return sorted(found, key=lambda one: one.starts_at)


def pass_time(by: timedelta) -> None:
    """Let time pass for what was given."""
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, columns in (
            ("accounts_entitlement", ("starts_at", "ends_at")),
            ("accounts_entitlementend", ("ends_at",)),
        ):
            moved = ", ".join(f"{one} = {one} - interval '{by.total_seconds()} s'" for one in columns)
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER insert_only")
            cursor.execute(f"UPDATE {table} SET {moved}")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER insert_only")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_what_was_bought_second_begins_now_when_the_first_is_refunded(anna: User, bela: User) -> None:
    first, second = bought(anna, 2)
    before = now()
    entitlements.end([first], at=None, actor=bela, reason="refunded")
    (moved,) = standing(anna)
    assert before <= moved.starts_at <= now()
    assert moved.ends_at - moved.starts_at == second.ends_at - second.starts_at
    assert access_of(anna, CODE).until == moved.ends_at
    entry = AuditEntry.objects.get(action="entitlement.replace")
    assert (entry.actor, entry.reason) == (bela, "refunded")
    assert entry.before["starts_at"] == second.starts_at.isoformat()


def test_what_moved_up_is_the_same_purchase_and_is_not_given_twice(anna: User) -> None:
    first, second = bought(anna, 2)
    entitlements.end([first], at=None, actor=None, reason="refunded")
    entitlements.give(anna, make_version(), Source.PURCHASE, second.source_id)
    (moved,) = standing(anna)
    row = Entitlement.objects.get(pk=moved.pk)
    assert (row.source_id, row.replaces_id) == (second.source_id, second.pk)
    assert Entitlement.objects.count() == 3


def test_one_in_the_middle_leaves_no_gap_and_one_that_is_over_moves_nothing(anna: User) -> None:
    first, second, third = bought(anna, 3)
    entitlements.end([second], at=None, actor=None, reason="refunded")
    kept, moved = standing(anna)
    assert kept.pk == first.pk
    assert moved.starts_at == first.ends_at
    assert moved.ends_at - moved.starts_at == third.ends_at - third.starts_at
    pass_time(100 * DAY)
    before = standing(anna)
    entitlements.end([first], at=None, actor=None, reason="refunded late")
    assert standing(anna) == before


def test_what_was_bought_beside_everything_waits_for_its_end_and_moves_up_with_it(anna: User) -> None:
    (everything,) = entitlements.give(anna, make_bundle(), Source.PURCHASE, "bundle")
    (one,) = entitlements.give(anna, make_version(), Source.PURCHASE, "pi_1")
    assert one.starts_at == everything.ends_at
    entitlements.end([everything], at=None, actor=None, reason="refunded")
    (moved,) = standing(anna)
    assert moved.starts_at <= now()
    assert moved.ends_at - moved.starts_at == one.ends_at - one.starts_at


@pytest.mark.parametrize("seed", range(10))
def test_whatever_ends_the_rest_stays_as_long_as_it_was_and_without_a_gap(anna: User, seed: int) -> None:
    dice = random.Random(seed)
    bought(anna, dice.randint(2, 4))
    for _ in range(2):
        pass_time(timedelta(seconds=dice.randint(0, 120 * 86_400)))
        before = standing(anna)
        if not before:
            return
        ended = dice.choice(before)
        others = [one for one in before if one is not ended]
        waiting = sum((_length(one) for one in others if one.state == State.UPCOMING), timedelta())
        running = [one.ends_at for one in others if one.state == State.RUNNING]
        began = now()
        entitlements.end(Entitlement.objects.filter(pk=ended.pk), at=None, actor=None, reason="refunded")
        after = standing(anna)
        assert len(after) == len(others)
        for earlier, later in pairwise(after):
            assert later.starts_at == earlier.ends_at
        if running:
            assert after[-1].ends_at == running[0] + waiting
        elif after:
            assert began <= after[-1].ends_at - waiting <= now()


def _length(one: EffectiveEntitlement) -> timedelta:
    return one.ends_at - one.starts_at


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    ended=st.integers(0, 5),
    lengths=st.lists(st.integers(1, 400), min_size=2, max_size=6),
    passed=st.integers(0, 2000),
)
def test_moving_up_keeps_lengths_and_order_and_never_delays(
    ended: int, lengths: Sequence[int], passed: int
) -> None:
    chain, at = [], START
    for days in lengths:
        chain.append(Period(at, at + days * DAY))
        at = chain[-1].ends_at
    moment = START + passed * DAY
    kept = [one for number, one in enumerate(chain) if number != ended % len(chain)]
    waiting = [one for one in kept if one.starts_at > moment]
    others = [one for one in kept if one not in waiting]
    moved = periods.moved_up(waiting, others, moment)
    assert [one.ends_at - one.starts_at for one in moved] == [one.ends_at - one.starts_at for one in waiting]
    assert all(new.starts_at <= old.starts_at for new, old in zip(moved, waiting, strict=True))
    running = periods.running(others, moment)
    at = running.ends_at if running else moment
    for one in moved:
        assert one.starts_at == at
        at = one.ends_at


@pytest.mark.controls
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_of_the_person_a_purchase_during_a_refund_waits_for_what_has_ended(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bought(anna, 1)
    version, met, real = make_version(), Barrier(2), entitlements._stacked

    def stacked(user: User) -> list[EffectiveEntitlement]:
        found = real(user)
        met.wait(10)  # both have read before either has committed: what the lock makes impossible
        return found

    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")
    monkeypatch.setattr(entitlements, "_stacked", stacked)
    with Crew(2) as crew:
        outcomes = crew.together(
            [
                lambda: entitlements.end(first, at=None, actor=None, reason="refunded"),
                lambda: entitlements.give(anna, version, Source.PURCHASE, "pi_later"),
            ]
        )
    assert not any(isinstance(one, Exception) for one in outcomes), outcomes
    (waiting,) = standing(anna)
    assert waiting.state == State.UPCOMING
    assert not access_of(anna, CODE)


# --- A subscription after its period ----------------------------------------------------------------------
def test_while_the_next_payment_is_on_its_way_a_subscription_is_open_and_names_no_other_date(
    anna: User,
) -> None:
    make_version()
    paid = run(anna, -31 * DAY, timedelta(hours=-1), source=Source.SUBSCRIPTION)
    access = access_of(anna, CODE)
    assert (access.granted, access.reason, access.until) == (True, Reason.ENTITLED, None)
    (held,) = selectors.entitlements_of(anna)
    assert (held.state, held.ends_at) == (State.RUNNING, paid.ends_at)
    (shown,) = selectors.open_now(anna)
    assert (shown.until, shown.renews) == (paid.ends_at, True)


def test_a_day_without_a_payment_later_it_is_closed_since_the_end_that_was_paid(anna: User) -> None:
    make_version()
    paid = run(anna, -31 * DAY, -GRACE, source=Source.SUBSCRIPTION)
    access = access_of(anna, CODE)
    assert (access.granted, access.until) == (False, paid.ends_at)
    assert selectors.entitlements_of(anna)[0].state == State.ENDED
    assert selectors.open_now(anna) == []


def test_what_was_bought_has_no_such_day(anna: User) -> None:
    make_version()
    run(anna, -31 * DAY, timedelta(seconds=-1))
    assert not access_of(anna, CODE)


def test_the_last_period_of_a_subscription_ends_when_it_says_and_is_not_said_to_renew(anna: User) -> None:
    make_version()
    paid = run(anna, -20 * DAY, 10 * DAY, source=Source.SUBSCRIPTION)
    for _ in range(2):
        entitlements.settle_end([paid], goes_on=False, reason="canceled")
    assert access_of(anna, CODE).until == paid.ends_at
    assert paid.ends.count() == 1
    (shown,) = selectors.open_now(anna)
    assert (shown.until, shown.renews) == (paid.ends_at, False)
    pass_time(10 * DAY)
    assert not access_of(anna, CODE)


def test_a_subscription_that_goes_on_after_all_renews_again(anna: User) -> None:
    make_version()
    paid = run(anna, -20 * DAY, 10 * DAY, source=Source.SUBSCRIPTION)
    entitlements.settle_end([paid], goes_on=False, reason="canceled")
    entitlements.settle_end([paid], goes_on=True, reason="continued")
    (shown,) = selectors.open_now(anna)
    assert (shown.until, shown.renews) == (paid.ends_at, True)
    pass_time(10 * DAY)
    assert access_of(anna, CODE)
