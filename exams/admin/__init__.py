"""Django admin of the exams."""
