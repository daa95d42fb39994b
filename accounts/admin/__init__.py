"""Django admin of the accounts."""
