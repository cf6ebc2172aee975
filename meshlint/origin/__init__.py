"""Where rendered YAML comes from: the chart's template, and the line of the same key in it."""
