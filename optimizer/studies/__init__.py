"""What happens when a constraint changes: sweeps, prices, switch points, frontiers, alternatives, explanations."""
