"""The content of a certification as files: records, formats and rules. Knows no framework."""
