"""What exams store about a person: what is exported, what an erasure leaves, what expires when."""
