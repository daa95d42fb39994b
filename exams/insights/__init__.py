"""What a person's results say about them and what to do next: chance to pass, next step, plan to the exam."""
