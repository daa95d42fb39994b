"""What the roles of staff may do with people, products, access and payments in the admin.

Support helps people: sees them, grants, extends and revokes access, makes vouchers, sets extra time. Money is
finance's: who can give access away cannot also pay money out, and the other way round. A subscription is
canceled by either, since that gives nobody anything. Authors and reviewers see neither.
"""

from typing import Final

from accounts.roles import registry

SOLD: Final = ("product", "productversion", "price")
GIVEN: Final = ("voucherbatch", "voucher", "entitlement", "entitlementend")
PAID: Final = ("checkout", "purchase", "refund", "subscription")
SUPPORT: Final = (
    *(f"view_{model}" for model in (*SOLD, *GIVEN, *PAID, "user", "mail", "auditentry")),
    *("add_entitlement", "change_entitlement", "add_voucherbatch", "change_mail", "change_subscription"),
    *("remove_second_factor", "set_extra_time"),
)
FINANCE: Final = (
    *(f"view_{model}" for model in (*SOLD, *GIVEN, *PAID, "user")),
    *("add_product", "change_product", "change_purchase", "change_subscription"),
)


def permissions() -> dict[str, list[str]]:
    """Return what support and finance may do."""
    return {
        registry.SUPPORT: [f"accounts.{permission}" for permission in SUPPORT],
        registry.FINANCE: [f"accounts.{permission}" for permission in FINANCE],
    }
