"""The Pyomo model: one file per feature, `build` reads like a table of contents."""
