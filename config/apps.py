"""The project's own app: its commands (backup, restore) and its periodic task."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """No tables."""

    name = "config"
