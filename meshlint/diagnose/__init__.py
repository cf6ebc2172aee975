"""`meshlint diagnose`: from an error text to its cause, and to the lines in Git that show it."""
