"""Runs published worked examples through the product and compares every number; see `__main__`."""
