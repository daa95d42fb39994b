"""What is kept of frozen content has a bound in bytes, and what is used stays."""

from exams.assembly.papers import ByteCache


def cache(most: int) -> ByteCache[int, str]:
    return ByteCache(most, len)


def test_what_was_unused_for_longest_goes_when_the_bytes_run_out() -> None:
    kept = cache(10)
    for key in (1, 2):
        kept.put(key, "x" * 5)
    assert kept.get(1)
    kept.put(3, "x" * 5)
    assert kept.get_many([1, 2, 3]) == {1: "x" * 5, 3: "x" * 5}
    assert kept.bytes == 10


def test_of_two_values_for_one_key_the_first_stays_and_is_counted_once() -> None:
    kept = cache(10)
    assert kept.put(1, "aaa") == kept.put(1, "bbbb") == "aaa"
    assert kept.bytes == 3


def test_a_value_larger_than_the_bound_is_kept_alone_until_the_next_comes() -> None:
    kept = cache(10)
    kept.put(1, "x" * 50)
    assert kept.get(1)
    kept.put(2, "y")
    assert kept.get_many([1, 2]) == {2: "y"}


def test_nothing_is_left_after_clearing() -> None:
    kept = cache(10)
    kept.put(1, "aaa")
    kept.clear()
    assert (kept.get(1), kept.bytes) == (None, 0)
