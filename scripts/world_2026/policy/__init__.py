"""Export control of instances/world-2026: rules by origin, regimes, country groups, and what became of each fact."""
