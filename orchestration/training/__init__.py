"""Fitting a scorecard from the warehouse's outcomes or from a file."""
