"""What Django must know of this package."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.base import destinations
from exams.presentation import sections


class FlashcardsConfig(AppConfig):
    """Registers the package with Django."""

    name = "flashcards"
    verbose_name = _("Flashcards")

    def ready(self) -> None:
        """Add the deck to pages of its certification, cards to items, search, authoring, names to mails."""
        # Models exist only now, so this cannot stand at the head of the file.
        from accounts.roles import registry as roles
        from exams.admin import draft_editor
        from exams.authoring import kinds, missing_translations
        from exams.insights import hooks
        from exams.search import providers
        from flashcards.admin.card_page import CardPage
        from flashcards.services import archive
        from flashcards.services.drafts import NAME, CardKind
        from flashcards.services.gaps import of_cards
        from flashcards.study.search import CARDS
        from flashcards.web.destinations import name_of
        from flashcards.web.repetition import repetition
        from flashcards.web.sections import OWN_CARD, contents, links, section

        sections.adds_section(section)
        sections.adds_links(links)
        sections.adds_content(contents)
        hooks.tells_repetition(repetition)
        sections.adds_act(OWN_CARD)
        providers.provides(CARDS)
        destinations.names_destinations(name_of)
        archive.register()
        kinds.register(CardKind())
        draft_editor.register_page(NAME, CardPage())
        for role in (roles.AUTHORS, roles.REVIEWERS, roles.TRANSLATORS):
            roles.grant(role, "flashcards.view_card")
        missing_translations.tells(NAME, of_cards)
