"""Commands of flashcards."""
