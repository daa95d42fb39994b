"""What Django must know of this package."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.base import hooks


class FlashcardsConfig(AppConfig):
    """Registers the package with Django."""

    name = "flashcards"
    verbose_name = _("Flashcards")

    def ready(self) -> None:
        """Add the deck to pages of its certification, cards to items, search, authoring, names to mails."""
        # Models exist only now, so this cannot stand at the head of the file.
        from accounts.roles import registry as roles
        from flashcards.admin.card_page import CardPage
        from flashcards.services.drafts import NAME, CardKind, of_cards
        from flashcards.services.personal_data import TABLES
        from flashcards.study.search import CARDS
        from flashcards.web import other_pages as pages

        hooks.register("certification_sections", pages.section)
        hooks.register("certification_contents", pages.contents)
        hooks.register("coverage_links", pages.links)
        hooks.register("item_acts", pages.OWN_CARD)
        hooks.register("due_repetition", pages.repetition)
        hooks.register("repetition_days", pages.REPETITION_DAYS)
        hooks.register("last_repetition", pages.last_repetition)
        hooks.register("search_providers", CARDS, key=CARDS.kind)
        hooks.register("page_names", pages.name_of)
        writers = (roles.AUTHORS, roles.REVIEWERS, roles.TRANSLATORS)
        hooks.register("role_permissions", lambda: {role: ["flashcards.view_card"] for role in writers})
        hooks.register("draft_kinds", CardKind(), key=NAME)
        hooks.register("draft_pages", CardPage(), key=NAME)
        hooks.register("translation_gaps", of_cards, key=NAME)
        hooks.register("personal_data", TABLES, key=self.name)
