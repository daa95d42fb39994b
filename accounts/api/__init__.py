"""REST endpoints of the accounts."""
