"""Does the time of a sign-up tell whether the address has an account? `python -m tests.bench.signup_timing`

Known and unknown addresses by turns, in one warm process, with the hashing of production. Each address is
new to the limits and each try comes from another client address. Says the medians, the difference of the
medians with a bootstrap interval, and the chance that a known address takes longer than an unknown one
with the p value of Mann and Whitney. With `--cheap` hashing costs nothing, so that the rest shows on a
busy machine, too. Needs DATABASE_URL: `python -m tools.devstack exec -- python -m ...`.
"""

import math
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings

from tests.bench.__main__ import empty_database

PAIRS = 250
WARM_UP = 20
RESAMPLES = 2000
SEED = 20261125


def main() -> int:
    """Prepare the environment, measure, say what was found."""
    with empty_database(os.environ["DATABASE_URL"]) as url:
        os.environ.update(
            DATABASE_URL=url,
            DJANGO_SETTINGS_MODULE="config.settings",
            PASSLINE_PROFILE="test",
            LOG_LEVEL="ERROR",
            STATE_DIR=str(Path(".test").resolve() / "timing"),
        )
        django.setup()
        # The test profile hashes cheaply; a site does not.
        if "--cheap" not in sys.argv:
            settings.PASSWORD_HASHERS = [name for name in settings.PASSWORD_HASHERS if "MD5" not in name]
        known, unknown = measure()
        django.db.connections.close_all()
    print(report(known, unknown))
    return 0


def measure() -> tuple[list[float], list[float]]:
    """Return the milliseconds of sign-ups with known and with unknown addresses."""
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    from tests.bench.stock import people

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    setup_test_environment(debug=False)
    people(PAIRS + WARM_UP, "known")
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    order = random.Random(SEED)
    for number in range(PAIRS + WARM_UP):
        pair = ["known", "unknown"]
        order.shuffle(pair)
        for name in pair:
            client = f"10.{name == 'known':d}.{number // 250}.{number % 250}"
            taken = sign_up(f"{name}{number}@example.org", client)
            if number >= WARM_UP:
                times[name].append(taken)
    return times["known"], times["unknown"]


def sign_up(email: str, address: str) -> float:
    """Sign up by the page; return how many milliseconds the POST took."""
    from django.test import Client

    browser = Client(REMOTE_ADDR=address)
    browser.get("/accounts/signup/")
    began = time.perf_counter()
    reply = browser.post("/accounts/signup/", {"email": email, "password1": "three tall ferries 44"})
    taken = (time.perf_counter() - began) * 1000
    if (reply.status_code, reply["Location"]) != (302, "/accounts/confirm-email/"):
        raise SystemExit(f"sign-up answered {reply.status_code}")
    return taken


def bootstrap(first: list[float], second: list[float]) -> tuple[float, float]:
    """Return the 95 % interval of the difference of the medians, in milliseconds."""
    draw = random.Random(SEED)
    median: Callable[[list[float]], float] = statistics.median
    found = sorted(
        median(draw.choices(first, k=len(first))) - median(draw.choices(second, k=len(second)))
        for _ in range(RESAMPLES)
    )
    return found[int(RESAMPLES * 0.025)], found[int(RESAMPLES * 0.975)]


def mann_whitney(first: list[float], second: list[float]) -> tuple[float, float]:
    """Return the chance that one of `first` is the larger, and the two-sided p value (normal approx.)."""
    larger = sum((one > other) + 0.5 * (one == other) for one in first for other in second)
    pairs = len(first) * len(second)
    z = (larger - pairs / 2) / math.sqrt(pairs * (len(first) + len(second) + 1) / 12)
    return larger / pairs, math.erfc(abs(z) / math.sqrt(2))


def report(known: list[float], unknown: list[float]) -> str:
    """Say what was measured."""
    low, high = bootstrap(known, unknown)
    chance, p = mann_whitney(known, unknown)
    rows = [
        f"{name}: median {statistics.median(times):.2f} ms, quartiles "
        + " and ".join(f"{cut:.2f}" for cut in statistics.quantiles(times, n=4)[::2])
        + f", n = {len(times)}"
        for name, times in (("known", known), ("unknown", unknown))
    ]
    difference = statistics.median(known) - statistics.median(unknown)
    rows.append(f"difference of medians {difference:+.2f} ms, 95 % interval {low:+.2f} to {high:+.2f} ms")
    rows.append(f"known takes longer with chance {chance:.3f} (0.5 tells nothing), Mann-Whitney p = {p:.2g}")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
