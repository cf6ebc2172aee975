"""What the facts of all files say together: scopes, revisions, and who is injected."""
