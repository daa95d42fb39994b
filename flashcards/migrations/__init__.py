"""Migrations of flashcards."""
