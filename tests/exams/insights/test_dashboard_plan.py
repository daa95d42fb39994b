"""What the plan makes of what is known of a person: domains in the order of what there is to gain."""

import datetime as dt
from typing import cast

import pytest

from accounts.access.policy import Access, Reason
from accounts.users.models import User
from exams.catalog.selectors import DomainFacts
from exams.insights.dashboard import Dashboard, Here, Standing
from exams.insights.drills import DrillOffer
from exams.insights.plan import Kind, Task

# By domain: points to gain, and whether its whole range is above the pass line.
GAINS = {1: (61, False), 2: (57, False), 3: (49, False), 4: (53, True)}


@pytest.fixture
def known() -> Dashboard:
    """What is known of somebody who has taken an exam today."""
    found = Dashboard(cast("User", None), "mla-c02", Here(dt.UTC, "en"))
    found.domains = [DomainFacts(number, f"Domain {number}", 25, 10, ()) for number in GAINS]
    found.standings = [
        Standing(domain, 30, 50, 50, None, cost, weak=not safe, safe=safe)
        for domain, (cost, safe) in zip(found.domains, GAINS.values(), strict=True)
    ]
    found.drills = {number: DrillOffer("/practice/", None) for number in GAINS}
    found.forms, found.newest_attempts, found.seen = (), (), frozenset()
    found.access, found.repetition = Access(granted=True, reason=Reason.ENTITLED), None
    found.today = (Task(Kind.REVIEW, 4),)
    return found


@pytest.mark.parametrize("days", [19, 81])
def test_a_domain_above_the_pass_line_is_practiced_in_its_turn_by_points_to_gain(
    known: Dashboard, days: int
) -> None:
    known.exam_day = known.here.today + dt.timedelta(days=days)
    assert known.plan
    drilled = [task.number for day in known.plan.days for task in day.tasks if task.kind is Kind.DRILL]
    assert drilled[:6] == [1, 2, 4, 3, 1, 2]


def test_before_an_estimate_the_domains_are_practiced_by_their_weight(known: Dashboard) -> None:
    known.standings = ()
    known.domains = [
        DomainFacts(number, "", weight, 10, ()) for number, weight in ((1, 20), (2, 48), (3, 32))
    ]
    known.exam_day = known.here.today + dt.timedelta(days=30)
    assert known.plan
    drilled = [task.number for day in known.plan.days for task in day.tasks if task.kind is Kind.DRILL]
    assert drilled[:4] == [2, 3, 1, 2]
