"""The user who signs in by email, and hashed API tokens."""
