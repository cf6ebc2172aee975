"""From paths to parsed documents with positions."""
