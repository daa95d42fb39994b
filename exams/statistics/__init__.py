"""Statistics of items and editions: counted by SQL, stored with their history, read in the admin."""
