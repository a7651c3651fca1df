"""How fast is it? Ours against its peers, every task in a process of its own, as medians of repeated runs."""
