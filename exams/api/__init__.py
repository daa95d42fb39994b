"""Doors of the exams for programs."""
