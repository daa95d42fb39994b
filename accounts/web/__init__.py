"""Doors of the accounts for people."""
