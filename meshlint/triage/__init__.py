"""What becomes of findings after they were made: which are reported, and how bad they are."""
