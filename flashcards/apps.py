"""What Django must know of this package."""

from django.apps import AppConfig

from exams.presentation import sections


class FlashcardsConfig(AppConfig):
    """Registers the package with Django."""

    name = "flashcards"

    def ready(self) -> None:
        """Add the deck to the page of its certification, and cards to items."""
        # Models exist only now, so this cannot stand at the head of the file.
        from flashcards.web.sections import OWN_CARD, links, section

        sections.adds_section(section)
        sections.adds_links(links)
        sections.adds_act(OWN_CARD)
