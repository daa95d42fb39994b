"""Work that takes longer than a request: the row is the queue, workers and the sweep take from it."""
