"""The pure parts of the driver of `make bench-herd`."""

import json
from collections import Counter
from dataclasses import asdict
from itertools import pairwise

import pytest

from tests.bench import paced
from tests.bench.client import END
from tests.bench.paced import Outcome, Plan, Request

pytestmark = pytest.mark.thorough

PLAN = Plan(
    port=1,
    seconds=20,
    warm=2,
    per_second=50,
    retry_every=20,
    connections=1,
    savers=[[f"attempt{number}", f"lease{number}"] for number in range(200)],
    choices=[[1, 10], [2, 20]],
    starters=["Cookie: a"] * 40,
    start_path="/x/exams/1/",
    submitters=[["attempt", "lease", "Cookie: b"]] * 40,
    burst=8,
)


def _body(request: Request) -> tuple[str, int]:
    head, _, body = request.content.partition(END)
    assert f"Content-Length: {len(body)}\r\n".encode() in head + b"\r\n"
    sent = json.loads(body)
    return sent["lease"], sent["changes"][0]["seq"]


def _saves(outcome: Outcome) -> list[Request]:
    outcome.acknowledged = [[] for _ in PLAN.savers]
    return list(paced.saves(PLAN, outcome))


def test_saves_come_at_the_rate_of_the_plan_in_order_of_time() -> None:
    requests = _saves(Outcome())
    assert len(requests) == pytest.approx(50 * 22, rel=0.1)
    assert all(one.due <= other.due for one, other in pairwise(requests))
    assert requests[-1].due < 22


def test_each_person_counts_from_one_and_one_save_of_twenty_is_sent_again_with_its_content() -> None:
    outcome = Outcome()
    requests = _saves(outcome)
    by_content = Counter(request.content for request in requests)
    again = sum(count - 1 for count in by_content.values())
    assert max(by_content.values()) == 2
    assert again == outcome.retries == pytest.approx(len(requests) / 20, rel=0.2)
    seqs = sorted({seq for lease, seq in map(_body, requests) if lease == "lease7"})
    assert seqs == list(range(1, len(seqs) + 1))


def test_a_save_counts_as_acknowledged_only_once_its_reply_has_come() -> None:
    outcome = Outcome()
    first = _saves(outcome)[0]
    assert not any(outcome.acknowledged)
    first.then(b"")
    lease, seq = _body(first)
    assert outcome.acknowledged[int(lease.removeprefix("lease"))] == [seq]


def test_starts_and_submits_spread_evenly_over_the_burst_half_way_through() -> None:
    requests = [one for one in paced.bursts(PLAN) if one.kind == "submit" and one.due >= PLAN.warm]
    gaps = [other.due - one.due for one, other in pairwise(requests)]
    assert gaps == pytest.approx([8 / (40 - paced.EARLY)] * len(gaps))
    assert (requests[0].due, len(requests)) == (8, 40 - paced.EARLY)


def test_a_start_goes_on_to_the_paper_and_its_lease_and_is_timed_from_the_first_request() -> None:
    first = paced.start("/x/exams/1/", "Cookie: a", 3.0)
    page = first.then(b"HTTP/1.1 302 Found\r\nLocation: /attempts/7/\r\n\r\n")
    assert page is not None
    assert page.content.startswith(b"GET /attempts/7/ ")
    lease = page.then(b"")
    assert lease is not None
    assert lease.content.startswith(b"POST /api/v1/attempts/7/lease/ ")
    assert {first.since, page.since, lease.since} == {3.0}


def test_a_reply_that_leads_nowhere_is_an_error() -> None:
    with pytest.raises(ValueError, match="leads nowhere"):
        paced.location(b"HTTP/1.1 200 OK\r\nX: y\r\n\r\nLocation: /")


def test_what_happened_can_be_written_down_with_its_failures() -> None:
    outcome = Outcome(failed={"save": 2}, first_failure="save: 503")
    assert Outcome(**json.loads(json.dumps(asdict(outcome)))) == outcome
