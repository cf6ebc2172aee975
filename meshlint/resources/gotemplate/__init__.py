"""Templates of Go's text/template: whether its parser takes them, and what it says if not."""
