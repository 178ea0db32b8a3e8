"""The plans offered to each eligible customer, in their order."""
