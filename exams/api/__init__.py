"""REST API of the exams."""
