"""The flashcards in the REST API."""
