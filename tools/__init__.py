"""What developers run. Nothing of the product imports it, and the image in production does not hold it."""
