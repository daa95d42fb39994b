"""Pure arithmetic from responses to a scaled score, a band and a chance to pass."""
