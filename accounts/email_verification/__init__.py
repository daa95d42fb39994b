"""Sign-ups, addresses and sign-ins that wait until their mailbox has answered, by a code or by a link."""
