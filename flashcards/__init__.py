"""Flashcards: decks, cards and their scheduling."""
