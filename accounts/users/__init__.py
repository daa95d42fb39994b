"""The user who logs in by e-mail, and hashed API tokens."""
