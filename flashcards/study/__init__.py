"""What a person meets when they study: the deck, the work of a day, the next card. Reads only."""
