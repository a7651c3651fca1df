"""Static maps and the interactive page of a plan."""
