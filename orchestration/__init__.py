"""WHEN it runs: the only room that imports Dagster; assets read, call one transform, write."""
