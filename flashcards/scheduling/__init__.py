"""When a card is due again. Pure: values and times in, values out. One file imports `fsrs`."""
