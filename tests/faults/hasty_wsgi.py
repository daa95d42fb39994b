"""The site with one protection taken away: it acknowledges answers first and stores them a little later."""

import datetime as dt
import threading
import time

from config.wsgi import application
from exams.api import save_endpoint
from exams.attempts import answers
from exams.attempts.answers import Change, Saved
from exams.attempts.leases import Lease

DELAY = 0.2
_save = answers.save


def _later(lease: Lease, changes: list[Change]) -> None:
    time.sleep(DELAY)
    _save(lease, changes)


def _hasty(lease: Lease, changes: list[Change]) -> Saved:
    threading.Thread(target=_later, args=(lease, changes), daemon=True).start()
    now = dt.datetime.now(dt.UTC)
    return Saved(max(change.seq for change in changes), now, now)


save_endpoint._save = _hasty

__all__ = ["application"]
