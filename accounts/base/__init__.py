"""What every package above shares: refusals and the request of a signed-in person."""
