"""Instances of any size, drawn from the numbers of a real one."""
