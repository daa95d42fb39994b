"""Forms of 65 items, their immutable editions, and the compiled papers that candidates see."""
