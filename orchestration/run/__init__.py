"""One run: its context, its nights, its place in Dagster."""
