"""The ground: languages, and the choice of a translation."""
