"""The road between content files and the database: compare, plan, carry out in one transaction."""
