"""Search over what teaches: the sheet, a person's own finished questions, and whatever registers above."""
