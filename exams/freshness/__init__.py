"""What grows old in questions: when each was checked, names that moved on, tasks that follow from them."""
