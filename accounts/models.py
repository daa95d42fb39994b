"""Gatherer: what Django looks for. Code imports from the packages, never from here."""

from accounts.access.models import (
    Entitlement,
    EntitlementEnd,
    Price,
    Product,
    ProductVersion,
    Redemption,
    Voucher,
    VoucherBatch,
)
from accounts.audit.models import AuditEntry
from accounts.email_verification.models import PendingConfirmation, SignInCode
from accounts.jobs.models import Job, JobFile
from accounts.outbox.models import Mail
from accounts.payments.models import (
    Checkout,
    CheckoutEnd,
    CheckoutSession,
    Purchase,
    PurchaseEvent,
    Refund,
    RefundFailure,
    Subscription,
    SubscriptionAsking,
    SubscriptionState,
    TestCardSession,
)
from accounts.privacy.models import ErasureRequest
from accounts.profile.models import Profile
from accounts.users.models import ApiToken, BrowserSession, User

__all__ = [
    "ApiToken",
    "AuditEntry",
    "BrowserSession",
    "Checkout",
    "CheckoutEnd",
    "CheckoutSession",
    "Entitlement",
    "EntitlementEnd",
    "ErasureRequest",
    "Job",
    "JobFile",
    "Mail",
    "PendingConfirmation",
    "Price",
    "Product",
    "ProductVersion",
    "Profile",
    "Purchase",
    "PurchaseEvent",
    "Redemption",
    "Refund",
    "RefundFailure",
    "SignInCode",
    "Subscription",
    "SubscriptionAsking",
    "SubscriptionState",
    "TestCardSession",
    "User",
    "Voucher",
    "VoucherBatch",
]
