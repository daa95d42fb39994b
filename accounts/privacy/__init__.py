"""Hooks that other apps fill in: what to do when a session ends."""
