"""Rules and error texts in words: for people, as pages, and for programs. Nothing here prints."""
