"""Pages of the flashcards: the deck, the study page, its settings."""
