"""Practice exams: catalog, item bank, forms, attempts, scores."""
