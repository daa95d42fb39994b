"""Commands of the whole project: backup and restore."""
