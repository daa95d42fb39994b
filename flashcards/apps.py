"""What Django must know of this package."""

from django.apps import AppConfig


class FlashcardsConfig(AppConfig):
    """Registers the package with Django."""

    name = "flashcards"
