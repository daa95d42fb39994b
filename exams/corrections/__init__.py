"""Faults in keys and their mending: the queue of reports, a ruling tried and made, scores, mails, the log."""
