"""What was given as it counts now, said once for every statement that reads it.

An early end has been taken into account, and what was moved up is there only where it was moved to.
"""

from datetime import timedelta
from typing import Final

GRACE: Final = timedelta(days=1)
"""So long a period of a subscription stays open after its end, while the next payment is on its way."""

# Gateways take the money for the next period an hour or so after it began, and once more the day after when a
# card was refused. `ends_at` is until when it is paid, the one moment that is ever told; `closes_at` is from
# when it is closed. What has an end of its own, also one at the very end, is followed by no payment.
ACTIVE_ENTITLEMENTS: Final = f"""(
  SELECT e.id, e.user_id, e.code, e.source, e.starts_at, least(e.ends_at, early.at) AS ends_at,
    coalesce(early.at < e.ends_at, FALSE) AS is_cut,
    e.source = 'subscription' AND early.at IS NULL AS renews,
    least(e.ends_at, early.at) + CASE WHEN e.source = 'subscription' AND early.at IS NULL
      THEN make_interval(secs => {GRACE.total_seconds():.0f}) ELSE interval '0' END AS closes_at
  FROM accounts_entitlement e LEFT JOIN LATERAL (
    SELECT min(ends_at) AS at FROM accounts_entitlementend WHERE entitlement_id = e.id) AS early ON TRUE
  WHERE NOT EXISTS (SELECT FROM accounts_entitlement moved WHERE moved.replaces_id = e.id))"""  # noqa: S608  (made of constants)
