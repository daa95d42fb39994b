"""What Django must know of this package."""

from django.apps import AppConfig

from exams.presentation import sections


class FlashcardsConfig(AppConfig):
    """Registers the package with Django."""

    name = "flashcards"

    def ready(self) -> None:
        """Add the deck to the page of its certification, and cards to what an item covers."""
        # Models exist only now, so this cannot stand at the head of the file.
        from flashcards.web.sections import links, section

        sections.adds_section(section)
        sections.adds_links(links)
