"""What people say about questions after an exam: notes, bookmarks, reports; and how others answered."""
