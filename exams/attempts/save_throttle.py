"""How often one attempt may be saved: a few a second, and some more at once.

A person clicks now and then; a loop that saves as fast as it can would fill the disk and take the
processors from everybody else. Each process keeps its own count, so a site of several processes allows as
many times the rate: what bounds the rows of an attempt exactly is in the statement of the save. Nothing is
shared, because asking a database or a cache would cost more than the save itself.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from uuid import UUID

from django.conf import settings

MOST_ATTEMPTS = 20_000


class SaveThrottle:
    """Allows `burst` saves of an attempt at once and `per_second` in the long run (GCRA).

    One number is kept for an attempt: the moment at which its allowance is whole again. The attempt that
    was not saved for the longest time is forgotten when there are too many.
    """

    def __init__(self, most: int = MOST_ATTEMPTS, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._whole_at: OrderedDict[UUID, float] = OrderedDict()
        self._lock = threading.Lock()

    def seconds_to_wait(self, attempt_id: UUID) -> int:
        """Count a save and return 0, or return after how many whole seconds the next one is allowed."""
        interval = 1 / settings.EXAM_SAVES_PER_SECOND
        now = self._clock()
        with self._lock:
            whole_at = max(now, self._whole_at.get(attempt_id, now))
            too_early = whole_at + interval - now - settings.EXAM_SAVES_BURST * interval
            # A refused save is not counted: who waits as long as he is told gets through.
            if too_early > 1e-9:
                return ceil(too_early)
            self._whole_at[attempt_id] = whole_at + interval
            self._whole_at.move_to_end(attempt_id)
            if len(self._whole_at) > self._most:
                self._whole_at.popitem(last=False)
        return 0


saves = SaveThrottle()
