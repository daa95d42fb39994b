"""Sign-ups and addresses that wait until their mailbox has answered, by a code or by a link."""
