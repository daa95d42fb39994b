"""Work that is repeated in threads beside the main work of a process, such as mails beside the sweep."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.db import close_old_connections, connection

# Longer than a mail server may keep one mail waiting. Work that is cut off is taken again by another process.
END_SECONDS: Final = 30.0

logger = logging.getLogger(__name__)

type Work = Callable[[], object]


@contextmanager
def run_periodically(works: Sequence[Work], every: float) -> Iterator[None]:
    """Repeat each work in a thread of its own, pausing `every` seconds in between, within the block.

    One that fails is logged and repeated; one that takes long delays no other. At the end a pass that runs
    has 30 seconds to finish.
    """
    ended = threading.Event()
    threads = [threading.Thread(target=_repeat, args=(work, every, ended), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(END_SECONDS)


def _repeat(work: Work, every: float, ended: threading.Event) -> None:
    is_last = False
    while not is_last:
        close_old_connections()
        try:
            work()
        except Exception:
            logger.exception("a pass failed", extra={"work": f"{work.__module__}.{work.__qualname__}"})
            # What broke the pass may have left the connection useless.
            connection.close()
        is_last = ended.wait(every)
    connection.close()
