"""Formats in which whole items come from and go to other systems: bytes to items and losses, and back."""
