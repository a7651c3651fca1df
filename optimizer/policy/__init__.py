"""Export-control regimes: what may flow where, under which caps, and why."""
