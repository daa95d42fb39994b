"""Measuring instruments of questions: rules over whole files, guessers, blind readings."""
