"""Many at the same moment: threads with connections of their own that begin together."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def at_once[T](act: Callable[[], T], number: int = 8) -> list[T]:
    """Run the act in `number` threads that are all connected before the first of them begins."""
    barrier = threading.Barrier(number)

    def alone(_: int) -> T:
        try:
            connection.ensure_connection()
            barrier.wait(20)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(alone, range(number)))
