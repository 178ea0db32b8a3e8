"""WHAT is computed: pure functions from Polars frames to a frame, and the SQL text of event-row reductions."""
