"""Django admin of the flashcards. Gatherer: Django looks here for what is registered."""

from flashcards.admin import cards

__all__ = ["cards"]
