"""Tags for the frame of pages."""
