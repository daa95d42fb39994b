"""The sender of answers: what it does with every reply, alone and by a model of the whole."""
