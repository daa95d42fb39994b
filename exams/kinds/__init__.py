"""What kinds of questions there are, and what a certification asks of its questions. Pure."""
