"""Who you are and what you may open. Knows nothing of exams."""
