"""A deck as a package that Anki imports: one file, made of values, by the schema that every Anki reads."""
