"""Who did what to what, and why: one insert-only record for acts of staff in all packages."""
