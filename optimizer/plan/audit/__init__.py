"""Independent recomputation of a plan from instance and plan tables alone: no pyomo, no highspy, no model."""
