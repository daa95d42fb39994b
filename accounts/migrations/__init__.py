"""Migrations of all packages of accounts."""
