"""Content in and out of the bank: parse, plan, apply."""
