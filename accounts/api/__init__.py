"""Doors of the accounts for programs."""
