"""From a Pyomo model to a proven plan: standard form, HiGHS session, pipeline, progress."""
