"""The end of sessions, tokens and accounts, the hooks that learn of it, and the deletion of what expired."""
