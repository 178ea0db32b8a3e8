"""WHERE it lives: DuckDB and DuckLake, contracts, deliveries, the token vault, reference data, the simulator."""
