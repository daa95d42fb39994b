"""What the roles of staff may do with products, vouchers and entitlements in the admin."""

from typing import Final

from accounts.roles import registry

SEEN: Final = (
    "product",
    "productversion",
    "price",
    "voucherbatch",
    "voucher",
    "entitlement",
    "entitlementend",
)
ACTED_ON: Final = (
    *("add_product", "change_product"),
    "add_voucherbatch",
    *("add_entitlement", "change_entitlement"),
)


def declare() -> None:
    """Let support see and act on what is sold and given. Authors see none of it."""
    registry.grant(registry.SUPPORT, *(f"accounts.view_{model}" for model in SEEN))
    registry.grant(registry.SUPPORT, *(f"accounts.{act}" for act in ACTED_ON))
