"""What the transforms read besides tables, as one night knows it."""
