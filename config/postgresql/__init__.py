"""The database backend: Django's for PostgreSQL, with a cheaper look at whether a connection is alive."""
