"""Charts and overlays rendered by the real programs, in private copies, so that they are linted."""
