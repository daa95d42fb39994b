"""Gatherer: what Django looks for. Code imports from the rooms, never from here."""

from accounts.users.models import User

__all__ = ["User"]
