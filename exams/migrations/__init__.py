"""Migrations of all packages of exams."""
