"""Migrations of all rooms of accounts."""
