"""What exams hold about a person: parts of their archive, what an erasure needs, how long refusals stay."""
