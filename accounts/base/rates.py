"""How often somebody may do what costs much or gives much away: a counter for each, in one statement.

Counters are rows of the cache's table beside those of the limits of sign-in, so that expired ones are deleted
with them. Whose they are is kept as a digest only: a key may name an address. A window begins with the first
act and ends after its time.
"""

from typing import Final

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

from accounts.base import statements
from accounts.base.errors import Refused, Text

# As text: an upsert of the ORM cannot say what becomes of a row by what it was, nor return it. Under the
# lock of its row each act sees those before it, however many come at once.
COUNT: Final = """
INSERT INTO {table} AS kept (cache_key, value, expires)
VALUES (%(key)s, '1', statement_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (cache_key) DO UPDATE SET
  value = CASE WHEN kept.expires > statement_timestamp()
    THEN (least(kept.value::bigint, %(most)s) + 1)::text ELSE '1' END,
  expires = CASE WHEN kept.expires > statement_timestamp() THEN kept.expires ELSE excluded.expires END
RETURNING value::bigint, ceil(extract(epoch FROM expires - statement_timestamp()))::int
"""


def count_or_refuse(act: str, who: object, *, most: int, seconds: int, detail: Text) -> None:
    """Count an act of `who` toward at most `most` in so many seconds. One statement.

    Raises Refused 429 `too_many_requests`, with `detail` and the seconds to wait as `retry_after`.
    """
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    digest = salted_hmac("accounts.rates", str(who), algorithm="sha256").hexdigest()
    values: dict[str, str | int] = {"key": f"rates:{act}:{digest}", "most": most, "seconds": seconds}
    used, left = statements.first(COUNT.replace("{table}", table), values)
    if used > most:
        # A wait of 0 s would have a program ask again at once.
        raise Refused("too_many_requests", 429, detail, retry_after=max(left, 1))
