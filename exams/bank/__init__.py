"""The item bank: items, their immutable versions, options with keys, texts by language."""
