"""Views, forms and middleware of the accounts."""
