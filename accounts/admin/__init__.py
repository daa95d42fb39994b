"""Django admin of the accounts. Gatherer: Django looks here for what is registered."""

from accounts.admin import tokens, users, work

__all__ = ["tokens", "users", "work"]
