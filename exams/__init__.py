"""Practice exams: catalogue, item bank, forms, attempts, scores."""
