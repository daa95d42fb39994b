"""The report of a score as PDF: what the result says, as a document, made by a job of the person."""
