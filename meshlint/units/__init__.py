"""Rendered units: from facts as they stand in files to facts as they reach clusters."""
