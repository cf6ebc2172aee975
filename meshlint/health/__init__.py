"""Whether meshlint is installed whole, and finds what it works with. Nothing here prints."""
