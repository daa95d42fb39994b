"""Django admin of the accounts. Gatherer: Django looks here for what is registered."""

from accounts.admin import tokens, users

__all__ = ["tokens", "users"]
