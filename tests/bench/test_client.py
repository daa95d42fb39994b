"""The pure parts of the measurement."""

import json

import pytest

from tests.bench import client, measure

pytestmark = pytest.mark.thorough

STAT = (
    "42 (a (b) c) S 7 42 42 0 -1 4194304 106 0 0 0 100 20 3 4 20 0 1 0 279126 3366912 450 "
    "18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0"
)
JOB = client.Job(
    port=1,
    seconds=1,
    connections=1,
    attempts=[["a", "x"], ["b", "y"]],
    choices=[[1, 10], [2, 20]],
    first_seq=6,
)


def test_a_percentile_is_a_value_that_occurred() -> None:
    values = list(range(100, 0, -1))
    assert measure.percentile(values, 0.5) == 50
    assert measure.percentile(values, 0.99) == 99
    assert measure.percentile(values, 1) == 100
    assert measure.percentile([3], 0.01) == 3


def test_a_process_whose_name_holds_brackets_is_read_with_its_ended_children() -> None:
    assert measure.parse_stat(STAT) == measure.Process(pid=42, parent=7, ticks=127)


def test_a_machine_that_idles_or_waits_for_the_disk_is_not_busy() -> None:
    assert measure.parse_busy("cpu  10 1 5 9999 7777 2 3 4 6 0") == 25


def test_descendants_count_once_even_when_their_parent_and_they_are_both_named() -> None:
    rows = [(1, 0, 1000), (2, 1, 1), (3, 2, 2), (4, 3, 4), (5, 1, 8)]
    processes = {row[0]: measure.Process(*row) for row in rows}
    assert measure.ticks_of([2], processes) == 7
    assert measure.ticks_of([2, 3, 99], processes) == 7


def test_foreign_load_is_what_the_machine_did_beyond_ours() -> None:
    before = measure.Usage({"web": 1.0}, 2.0, 10.0)
    after = measure.Usage({"web": 4.0, "new": 1.0}, 7.0, 18.0)
    used = after.since(before)
    assert used.groups == {"web": 3.0, "new": 1.0}
    assert (used.ours, used.foreign) == (5.0, 3.0)


def test_every_request_is_whole_and_no_seq_of_an_attempt_comes_twice() -> None:
    supply = client.requests(JOB.attempts, JOB)
    seen = set()
    for _ in range(6):
        head, _, body = next(supply).partition(client.END)
        assert f"Content-Length: {len(body)}\r\n".encode() in head + b"\r\n"
        sent = json.loads(body)
        change = sent["changes"][0]
        assert [change["position"], *change["selected"]] in JOB.choices
        seen.add((sent["lease"], change["seq"]))
    assert seen == {(lease, seq) for lease in "xy" for seq in (6, 7, 8)}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nserver: x\r\n\r\nok", True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok", False),
        (b"HTTP/1.1 200 OK\r\ncontent-le", False),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n", False),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", True),
    ],
)
def test_a_reply_is_whole_when_its_length_has_come(reply: bytes, expected: bool) -> None:
    assert client.whole(reply) is expected
