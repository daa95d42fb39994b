"""What Django must know of this package."""

from django.apps import AppConfig

from exams.presentation import sections


class FlashcardsConfig(AppConfig):
    """Registers the package with Django."""

    name = "flashcards"

    def ready(self) -> None:
        """Add to pages of exams: the deck, cards on what an item covers, and a card to make of it."""
        # Models exist only now, so this cannot stand at the head of the file.
        from flashcards.web.sections import act, links, section

        sections.adds_section(section)
        sections.adds_links(links)
        sections.adds_act(act)
