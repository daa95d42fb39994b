"""Migrations of all rooms of exams."""
