"""Adapters: a lender's own extract mapped to the feed contracts, as data (a TOML file and SQL per table)."""
