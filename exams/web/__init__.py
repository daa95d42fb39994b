"""Doors of the exams for people."""
