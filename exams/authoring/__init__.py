"""Drafts on their way to publication: who writes, who reviews, who publishes, and what was said about it."""
