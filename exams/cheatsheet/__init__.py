"""The cheat sheet of a certification: its records, formats and rules."""
