"""Django admin of the accounts. Gatherer: Django looks here for what is registered."""

from accounts.admin import entitlements, products, purchases, users, vouchers, work

__all__ = ["entitlements", "failed_sign_ins", "products", "purchases", "tokens", "users", "vouchers", "work"]
