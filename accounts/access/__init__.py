"""What a person may open: one question, asked of one module."""
