"""What several statements of this package say in the same words: states, limits of time, tries.

Each fragment is a condition or an expression over the columns of `exams_attempt`. Statements that are sent
as they stand put it in by an f-string; nothing here ever holds a value that came from outside.
"""

import datetime as dt
from typing import Final

GRACE_SECONDS: Final = 30
GRACE: Final = f"interval '{GRACE_SECONDS} seconds'"
"""How long after the deadline an answer that was on its way is still accepted."""

# A save judges itself by the start of its statement, so one that began in the last moment of the grace may
# still be running. A sweep leaves it a second before it closes.
OVERDUE_AFTER: Final = dt.timedelta(seconds=GRACE_SECONDS + 1)
OVERDUE: Final = (
    f"(state = 1 AND deadline_at < statement_timestamp() - interval '{GRACE_SECONDS + 1} seconds')"
)
UNSCORED: Final = "state IN (2, 3)"
NOT_SET_ASIDE: Final = "quarantined_at IS NULL"

MAX_TRIES: Final = 5
"""After so many tries an attempt is set aside: staff are told, and it is tried once an hour."""
PAUSE_SECONDS: Final = 20
LONG_PAUSE_SECONDS: Final = 3600
PAUSE: Final = (
    f"CASE WHEN {NOT_SET_ASIDE} THEN interval '{PAUSE_SECONDS} seconds'"
    f" ELSE interval '{LONG_PAUSE_SECONDS} seconds' END"
)
NEXT_TRY_AT: Final = f"score_claimed_at + {PAUSE}"
MAY_TRY: Final = f"(score_claimed_at IS NULL OR {NEXT_TRY_AT} < statement_timestamp())"
# The try is counted before the work, in a commit of its own: an attempt that ends the process of whoever
# scores it is counted all the same. It counts as set aside from its fifth try on, and no longer once scored.
COUNT_A_TRY: Final = f"""
  score_tries = least(score_tries + 1, 1000), score_claimed_at = statement_timestamp(),
  quarantined_at = CASE WHEN score_tries + 1 >= {MAX_TRIES}
    THEN coalesce(quarantined_at, statement_timestamp()) END"""

RUNNING: Final = f"state = 1 AND statement_timestamp() <= deadline_at + {GRACE}"
# A running attempt past its deadline and grace has ended, whether a sweep came by or not.
EFFECTIVE_STATE: Final = (
    f"CASE WHEN state = 1 AND statement_timestamp() > deadline_at + {GRACE} THEN 3 ELSE state END"
)
