"""Completion scripts of shells, from the parsers of the commands. Nothing here prints."""
