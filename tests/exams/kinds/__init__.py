"""Tests of exams.kinds."""
