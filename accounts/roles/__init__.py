"""Roles of staff: declared once with their permissions, kept in the database as groups."""
