"""Gatherer: what Django looks for. Code imports from the packages, never from here."""

from accounts.access import models as access
from accounts.audit import models as audit
from accounts.base import cache
from accounts.email_verification import models as email_verification
from accounts.jobs import models as jobs
from accounts.outbox import models as outbox
from accounts.payments import models as payments
from accounts.privacy import models as privacy
from accounts.profile import models as profile
from accounts.users import models as users

__all__ = [
    "access",
    "audit",
    "cache",
    "email_verification",
    "jobs",
    "outbox",
    "payments",
    "privacy",
    "profile",
    "users",
]
