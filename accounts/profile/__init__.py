"""Preferences: languages, time zone, extra-time accommodation."""
