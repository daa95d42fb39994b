"""Flashcards as files: records, formats and rules. Knows no framework."""
