"""Pure readers and writers: bytes to records and back."""
