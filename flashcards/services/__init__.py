"""What is done with cards: loaded, reviewed, undone, made by a person. One write for one act."""
