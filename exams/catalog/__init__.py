"""Which certifications there are: facts, domains with weights, task statements."""
